"""Nothing is lost and nothing counted twice, whoever is killed."""

import json
import time

from harness import load
from harness.dialects import OpenAI
from harness.wait import until

FLUSH_MS = 100


def warm(gateway, key, model):
    """Both workers have met the key."""
    for _ in range(20):
        report = load.run(
            gateway.url + OpenAI.path,
            OpenAI.body(model),
            gateway.folder,
            headers={"authorization": f"Bearer {key}"},
            requests=8,
            concurrency=8,
        )
        assert report["statuses"] == {"200": 8}, report
    return 160


def test_the_control_plane_is_killed_twice_under_load(start_gateway):
    """5,000 requests at concurrency 64: no client error for a warm key, and one row for each answer."""
    own = start_gateway()
    model = own.model("openai/gpt-d40", input_cost_per_token=1e-6, output_cost_per_token=1e-6)
    key = own.key()
    before = warm(own, key, model)
    journal = own.folder / "answers"
    running = load.start(
        own.url + OpenAI.path,
        OpenAI.body(model),
        own.folder,
        headers={"authorization": f"Bearer {key}"},
        requests=5000,
        concurrency=64,
        journal=journal,
    )
    for share in (0.2, 0.6):
        until(lambda: len(load.answers(journal)) >= 5000 * share, 60, f"{share:.0%} of the load")
        own.control_plane.kill()
        down_at = len(load.answers(journal))
        until(lambda: len(load.answers(journal)) >= down_at + 300, 30, "answers while the control plane is away")
        own.control_plane.start()
    report = running.finish(within=120)
    assert report["statuses"] == {"200": 5000} and report["transport_errors"] == 0, report
    rows = own.settled(key, before + 5000, within=30)
    ids = [row["call_id"] for row in rows]
    assert len(ids) == len(set(ids)) == before + 5000
    assert {answer.call_id for answer in load.answers(journal)} <= set(ids)
    assert abs(own.spend(key) - sum(row["cost"] for row in rows)) < 1e-9


def test_an_unknown_key_is_refused_while_the_control_plane_is_away(start_gateway):
    own = start_gateway()
    model = own.model("openai/gpt")
    known, unknown = own.key(), own.key()
    warm(own, known, model)
    own.control_plane.kill()
    ask = lambda key: own.http.post(
        own.url + OpenAI.path, json=OpenAI.body(model), headers={"authorization": f"Bearer {key}"}
    )
    assert ask(known).status_code == 200
    refused = ask(unknown)
    assert refused.status_code == 503 and "retry-after" in refused.headers
    OpenAI.check_error(refused.json())
    own.control_plane.start()
    until(lambda: ask(unknown).status_code == 200, 20, "the unknown key is let in again")


def test_envoy_starts_again_while_the_control_plane_is_up(start_gateway):
    own = start_gateway()
    model = own.model("openai/gpt")
    key = own.key()
    warm(own, key, model)
    own.envoy.kill()
    own.envoy.start()
    warm(own, key, model)


def test_envoy_is_killed_under_load_and_its_access_log_replayed(start_gateway):
    own = start_gateway()
    model = own.model("openai/gpt-d5")
    key = own.key()
    before = warm(own, key, model)
    journal = own.folder / "answers"
    # Records in the VM's memory are what a kill can lose: without a control plane, all of them.
    own.settled(key, before)
    running = load.start(
        own.url + OpenAI.path,
        OpenAI.body(model),
        own.folder,
        headers={"authorization": f"Bearer {key}"},
        requests=3000,
        concurrency=32,
        seconds=20,
        journal=journal,
    )
    until(lambda: len(load.answers(journal)) >= 800, 30, "some answers")
    own.control_plane.kill()
    until(lambda: len(load.answers(journal)) >= 1600, 30, "answers that nobody has settled")
    killed_at = time.time_ns() // 1_000_000
    own.envoy.kill()
    running.finish(within=60)
    own.control_plane.start()
    own.envoy.start()
    flushed = {
        answer.call_id
        for answer in load.answers(journal)
        if answer.status == 200 and answer.at < killed_at - 2 * FLUSH_MS
    }
    assert len(flushed) > 500
    said = own.control_plane.replay(own.envoy.journal)
    rows = own.rows(key)
    ids = [row["call_id"] for row in rows]
    assert len(ids) == len(set(ids)), "counted twice"
    assert flushed <= set(ids), f"{len(flushed - set(ids))} answers are missing"
    assert any(word.isdigit() and int(word) > 0 for word in said.replace(",", " ").split()), f"what was added: {said}"
    again = own.control_plane.replay(own.envoy.journal)
    assert len(own.rows(key)) == len(rows), again
    assert abs(own.spend(key) - sum(row["cost"] for row in rows)) < 1e-9


def test_a_journal_with_a_torn_last_line_is_replayed(start_gateway):
    own = start_gateway()
    model = own.model("openai/gpt")
    key = own.key()
    count = warm(own, key, model)
    own.settled(key, count)
    until(lambda: len(own.envoy.records()) >= count, 5, "the access log is written")
    record = own.envoy.records()[-1]
    torn = own.folder / "torn.journal"
    fresh = {**record, "call_id": "00000000-0000-4000-8000-000000000001"}
    lines = ["-", "", json.dumps(record), json.dumps(fresh), "no JSON", json.dumps(fresh)[:40]]
    torn.write_text("\n".join(lines))
    own.control_plane.replay(torn)
    rows = own.rows(key)
    assert len(rows) == count + 1 and fresh["call_id"] in {row["call_id"] for row in rows}

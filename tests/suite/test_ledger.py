"""The ledger: one record for each exchange that reached a provider, and a key's spend is their sum."""

import pytest

from harness.dialects import BOTH, NAMES, OpenAI
from harness.wait import never, until


@pytest.mark.parametrize("dialect", BOTH, ids=NAMES)
@pytest.mark.parametrize("upstream_api", NAMES)
@pytest.mark.parametrize("stream", [False, True])
def test_an_exchange_is_one_row(gateway, http, dialect, upstream_api, stream):
    key = gateway.key(key_alias=f"ledger-{dialect.name}-{upstream_api}-{stream}")
    model = gateway.model(
        f"{upstream_api}/gpt-in1000-out200-cache400",
        input_cost_per_token=1e-6,
        output_cost_per_token=1e-5,
        cache_read_input_token_cost=1e-7,
    )
    body = dialect.body(model, stream=stream)
    answer = http.post(gateway.url + dialect.path, json=body, headers={"authorization": f"Bearer {key}"})
    assert answer.status_code == 200
    row = gateway.settled(key, 1)[0]
    assert row["call_id"] == answer.headers["x-tianji-call-id"]
    assert (row["prompt_tokens"], row["completion_tokens"]) == (1000, 200)
    assert row["cached_tokens"] == 400 and not row["usage_estimated"]
    cost = 600 * 1e-6 + 400 * 1e-7 + 200 * 1e-5
    assert row["cost"] == pytest.approx(cost)
    assert (row["model_group"], row["model"]) == (str(model), model.upstream[0])
    assert row["deployment_id"] == model.ids[0] and row["provider"] == upstream_api
    assert row["status"] == 200 and row["attempts"] == 1 and not row["disconnected"] and not row["error"]
    assert bool(row["stream"]) is stream and row["latency_ms"] >= 0
    assert row["key_alias"].startswith("ledger-")
    if not stream:
        assert float(answer.headers["x-litellm-response-cost"]) == pytest.approx(cost)
    until(lambda: gateway.spend(key) == pytest.approx(cost), 5, "the spend is booked")


def test_spend_is_the_sum_of_the_rows(gateway, http):
    key = gateway.key()
    headers = {"authorization": f"Bearer {key}"}
    for i in range(1, 11):
        model = gateway.model(f"openai/gpt-in{i}-out{i * 3}", input_cost_per_token=1e-3, output_cost_per_token=2e-3)
        for _ in range(3):
            http.post(gateway.url + OpenAI.path, json=OpenAI.body(model), headers=headers)
    rows = gateway.settled(key, 30)
    assert len(rows) == 30 and len({row["call_id"] for row in rows}) == 30
    assert gateway.spend(key) == pytest.approx(sum(row["cost"] for row in rows))
    assert sum(row["cost"] for row in rows) == pytest.approx(3 * sum(i * 1e-3 + i * 3 * 2e-3 for i in range(1, 11)))


def test_what_reached_no_provider_is_no_row(gateway, http):
    key = gateway.key()
    headers = {"authorization": f"Bearer {key}"}
    http.post(gateway.url + OpenAI.path, json=OpenAI.body("no-such-model"), headers=headers)
    http.post(gateway.url + OpenAI.path, content=b"{", headers=headers)
    http.get(gateway.url + "/v1/models", headers=headers)
    never(lambda: gateway.rows(key), 1.5, "a row for an exchange without a provider")


def test_a_failed_exchange_is_a_row_that_costs_nothing(gateway, http):
    key = gateway.key()
    model = gateway.model("openai/gpt-500", input_cost_per_token=1.0, output_cost_per_token=1.0)
    http.post(gateway.url + OpenAI.path, json=OpenAI.body(model), headers={"authorization": f"Bearer {key}"})
    row = gateway.settled(key, 1)[0]
    assert row["status"] == 500 and row["error"] and row["cost"] == 0


def test_the_access_log_has_the_same_records(gateway, http):
    key = gateway.key()
    model = gateway.model("openai/gpt")
    answers = [
        http.post(gateway.url + OpenAI.path, json=OpenAI.body(model), headers={"authorization": f"Bearer {key}"})
        for _ in range(5)
    ]
    ids = {answer.headers["x-tianji-call-id"] for answer in answers}
    written = until(
        lambda: (found := {r["call_id"]: r for r in gateway.envoy.records() if r["call_id"] in ids}).keys() == ids and found,
        5,
        "the access log is written",
    )
    for row in gateway.settled(key, 5):
        assert written[row["call_id"]]["tokens"]["prompt"] == row["prompt_tokens"]


def test_an_end_user_is_recorded(gateway, http):
    key = gateway.key()
    model = gateway.model("openai/gpt")
    body = OpenAI.body(model, user="user-7")
    http.post(gateway.url + OpenAI.path, json=body, headers={"authorization": f"Bearer {key}"})
    assert gateway.settled(key, 1)[0]["end_user"] == "user-7"

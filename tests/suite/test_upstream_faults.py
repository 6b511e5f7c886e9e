"""What a provider can get wrong. The client hears of it in its own dialect, and the ledger knows."""

import json

import httpx
import pytest

from harness.dialects import BOTH, FOX, NAMES, events, said, streamed
from harness.process import free_port
from harness.wait import until

pytestmark = [
    pytest.mark.parametrize("dialect", BOTH, ids=NAMES),
    pytest.mark.parametrize("upstream_api", NAMES),
]


def ask(gateway, http, key, dialect, model, **more):
    body = dialect.body(model, **more)
    return http.post(gateway.url + dialect.path, json=body, headers={"authorization": f"Bearer {key}"})


@pytest.mark.parametrize("fault", ["reset", "cut", "badjson", "html", "html-502", "empty", "err200"])
def test_a_bad_whole_answer_is_an_error(gateway, http, key, dialect, upstream_api, fault):
    model = gateway.model(f"{upstream_api}/gpt-{fault}")
    answer = ask(gateway, http, key, dialect, model)
    assert 500 <= answer.status_code < 600, answer.text
    dialect.check_error(answer.json())
    assert not [name for name in answer.headers if name.startswith("x-envoy-")]
    row = gateway.settled(key, 1)[0]
    assert row["status"] == answer.status_code and row["error"]


@pytest.mark.parametrize("fault", ["html", "badjson", "html-502", "500", "reset"])
def test_a_stream_that_is_none_is_an_error_status(gateway, http, key, dialect, upstream_api, fault):
    model = gateway.model(f"{upstream_api}/gpt-{fault}")
    answer = ask(gateway, http, key, dialect, model, stream=True)
    assert 500 <= answer.status_code < 600, answer.text
    dialect.check_error(answer.json())


def test_a_reset_before_the_head_is_tried_again(gateway, http, key, dialect, upstream_api):
    """A kept connection may have been closed by the other side: once more, also with a single deployment."""
    model = gateway.model(f"{upstream_api}/gpt-reset-first1")
    answer = ask(gateway, http, key, dialect, model)
    assert answer.status_code == 200 and dialect.text(answer.json()).startswith(FOX)
    assert model.stats()["requests"] == 2


def test_one_malformed_event_does_not_end_a_stream(gateway, http, key, dialect, upstream_api):
    model = gateway.model(f"{upstream_api}/gpt-badsse")
    status, text = streamed(gateway.url, key, dialect, model)
    assert status == 200 and dialect.closed(text) and "broken" not in text
    assert said(dialect, text).count("token") == said(dialect, text).count("of") > 20
    row = gateway.settled(key, 1)[0]
    assert row["status"] == 200 and not row["error"], row


@pytest.mark.parametrize("fault", ["cut", "eof", "err200"])
def test_a_stream_that_breaks_ends_in_an_error_event(gateway, http, key, dialect, upstream_api, fault):
    model = gateway.model(f"{upstream_api}/gpt-{fault}-p1")
    status, text = streamed(gateway.url, key, dialect, model)
    assert status == 200
    found = events(text)
    assert said(dialect, text).startswith(" token00 of token01 of"), "what came before is delivered"
    dialect.check_error(found[-1])
    assert not dialect.closed(text)
    row = gateway.settled(key, 1)[0]
    assert row["error"] and not row["disconnected"] and row["completion_tokens"] > 0, row


def test_an_empty_stream_is_an_error(gateway, http, key, dialect, upstream_api):
    model = gateway.model(f"{upstream_api}/gpt-empty")
    status, text = streamed(gateway.url, key, dialect, model)
    dialect.check_error(events(text)[-1] if status == 200 else json.loads(text))


@pytest.mark.parametrize("stream", [False, True])
def test_a_stall_is_a_timeout(gateway, http, key, dialect, upstream_api, stream):
    model = gateway.model(f"{upstream_api}/gpt-stall", timeout=1.5)
    status, text = streamed(gateway.url, key, dialect, model, stream=stream)
    if stream and status == 200:
        dialect.check_error(events(text)[-1])
    else:
        assert status in (408, 504), text
        dialect.check_error(json.loads(text))
    until(lambda: model.stats()["in_flight"] == 0, 5, "the provider's connection is given up")
    assert gateway.settled(key, 1)[0]["error"]


def test_nobody_listening_is_an_error(gateway, http, key, dialect, upstream_api):
    path = "/v1" if upstream_api == "openai" else ""
    model = gateway.model({"model": f"{upstream_api}/gpt", "api_base": f"http://127.0.0.1:{free_port()}{path}"})
    answer = ask(gateway, http, key, dialect, model)
    assert 500 <= answer.status_code < 600
    dialect.check_error(answer.json())


def test_a_large_answer_passes(gateway, http, key, dialect, upstream_api):
    model = gateway.model(f"{upstream_api}/gpt-big4096")
    answer = ask(gateway, http, key, dialect, model)
    assert answer.status_code == 200 and dialect.text(answer.json()) == "x" * (4096 * 1024)
    streamed = ask(gateway, http, key, dialect, model, stream=True)
    assert len(said(dialect, streamed.text)) == 4096 * 1024


def test_absent_usage_is_estimated_and_zero_is_zero(gateway, http, dialect, upstream_api):
    for script, estimated in [("nousage", True), ("in0-out0", False)]:
        for stream in (False, True):
            key = gateway.key()
            model = gateway.model(f"{upstream_api}/gpt-{script}")
            assert ask(gateway, http, key, dialect, model, stream=stream).status_code == 200
            row = gateway.settled(key, 1)[0]
            assert bool(row["usage_estimated"]) is estimated, (script, stream, row)
            assert (row["completion_tokens"] > 0) is estimated


def test_a_client_that_leaves_cancels_the_provider_s_stream(gateway, key, dialect, upstream_api):
    model = gateway.model(f"{upstream_api}/gpt-n2000-p10")
    body = dialect.body(model, stream=True)
    headers = {"authorization": f"Bearer {key}"}
    with httpx.Client() as client:
        with client.stream("POST", gateway.url + dialect.path, json=body, headers=headers) as answer:
            for text in answer.iter_text():
                if "token05" in text:
                    break
    until(lambda: model.stats()["cancelled"] == 1, 5, "the provider's stream is cancelled")
    row = gateway.settled(key, 1)[0]
    assert row["disconnected"] and row["status"] in (200, 499)
    assert 5 <= row["completion_tokens"] < 1900 and row["prompt_tokens"] > 0, row


def test_a_client_that_leaves_before_the_head_cancels_too(gateway, key, dialect, upstream_api):
    model = gateway.model(f"{upstream_api}/gpt-d20000")
    with httpx.Client(timeout=0.5) as client, pytest.raises(httpx.ReadTimeout):
        client.post(gateway.url + dialect.path, json=dialect.body(model), headers={"x-api-key": key})
    until(lambda: model.stats()["cancelled"] == 1, 5, "the provider's request is cancelled")
    row = gateway.settled(key, 1)[0]
    assert row["disconnected"] and row["status"] == 499, row

"""Failover is Envoy's own retry: to the next deployment, translated anew for its provider."""

import pytest

from harness.dialects import BOTH, FOX, NAMES, events, said, streamed
from harness.process import free_port
from harness.replay import Replay

pytestmark = pytest.mark.parametrize("dialect", BOTH, ids=NAMES)
FAULTS = ["429", "500", "503", "401", "reset", "badjson", "empty", "html-502", "err200"]
# Every wire format fails over to another one, and is failed over to.
OTHER_FORMATS = [
    *(("openai", "anthropic"), ("anthropic", "openai"), ("openai", "gemini")),
    *(("gemini", "bedrock"), ("bedrock", "anthropic")),
]
PATHS = {
    ("openai", False): "/v1/chat/completions",
    ("openai", True): "/v1/chat/completions",
    ("anthropic", False): "/v1/messages",
    ("anthropic", True): "/v1/messages",
    ("gemini", False): "/models/{model}:generateContent",
    ("gemini", True): "/models/{model}:streamGenerateContent",
    ("bedrock", False): "/model/{model}/converse",
    ("bedrock", True): "/model/{model}/converse-stream",
}


def ask(gateway, http, key, dialect, model, **more):
    headers = {"authorization": f"Bearer {key}"}
    return http.post(gateway.url + dialect.path, json=dialect.body(model, **more), headers=headers)


@pytest.mark.parametrize("fault", FAULTS)
def test_the_next_deployment_answers(gateway, http, key, dialect, fault):
    model = gateway.model(f"openai/gpt-{fault}", "openai/gpt")
    answer = ask(gateway, http, key, dialect, model)
    assert answer.status_code == 200, answer.text
    assert dialect.text(answer.json()).startswith(FOX)
    assert (model.stats(0)["requests"], model.stats(1)["requests"]) == (1, 1)
    assert answer.headers["x-litellm-attempted-retries"] == "1"
    assert answer.headers["x-tianji-model-id"] == model.ids[1]


@pytest.mark.parametrize("fault", ["429", "500", "reset"])
@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(("first", "second"), OTHER_FORMATS)
def test_a_provider_of_the_other_format_answers(gateway, http, key, dialect, fault, stream, first, second):
    model = gateway.model(f"{first}/gpt-{fault}", f"{second}/gpt")
    answer = ask(gateway, http, key, dialect, model, stream=stream)
    assert answer.status_code == 200, answer.text
    if stream:
        assert said(dialect, answer.text).startswith(" token00 of token01 of") and dialect.closed(answer.text)
    else:
        assert dialect.text(answer.json()).startswith(FOX)
    for place, provider in enumerate((first, second)):
        path = PATHS[provider, stream].format(model=model.upstream[place])
        assert model.last(place)["path"].startswith(path)


def test_a_refused_connection_leads_to_the_next(gateway, http, key, dialect):
    nobody = {"model": "openai/gpt", "api_base": f"http://127.0.0.1:{free_port()}/v1"}
    model = gateway.model(nobody, "openai/gpt")
    answer = ask(gateway, http, key, dialect, model)
    assert answer.status_code == 200 and model.stats(1)["requests"] == 1


def test_three_are_tried_in_turn(gateway, http, key, dialect):
    model = gateway.model("openai/gpt-429", "anthropic/claude-500", "openai/gpt")
    answer = ask(gateway, http, key, dialect, model)
    assert answer.status_code == 200, answer.text
    assert [model.stats(place)["requests"] for place in range(3)] == [1, 1, 1]
    assert answer.headers["x-litellm-attempted-retries"] == "2"
    rows = [row for row in gateway.settled(key, 1) if row["model_group"] == str(model)]
    assert len(rows) == 1, "one exchange, one row"


def test_when_all_fail_the_last_error_is_told(gateway, http, key, dialect):
    model = gateway.model("openai/gpt-500", "openai/gpt-429")
    answer = ask(gateway, http, key, dialect, model)
    assert answer.status_code == 429 and answer.headers["retry-after"] == "7"
    dialect.check_error(answer.json())


def test_what_is_the_client_s_fault_is_not_tried_again(gateway, http, key, dialect):
    model = gateway.model("openai/gpt-400", "openai/gpt")
    answer = ask(gateway, http, key, dialect, model)
    assert answer.status_code == 400
    dialect.check_error(answer.json())
    assert model.stats(1)["requests"] == 0


def test_a_stream_whose_first_word_is_an_error_leads_to_the_next(gateway, http, key, dialect):
    overloaded = 'data: {"error": {"message": "Overloaded", "type": "server_error", "code": 503}}\n\n'
    replay = Replay()
    try:
        failing = {"model": "openai/gpt", "api_base": replay.add(answering(overloaded))}
        answer = ask(gateway, http, key, dialect, gateway.model(failing, "openai/gpt"), stream=True)
        assert answer.status_code == 200 and dialect.closed(answer.text) and "Overloaded" not in answer.text
        alone = ask(gateway, http, key, dialect, gateway.model(failing), stream=True)
        assert alone.status_code == 503 and "Overloaded" in alone.text
        dialect.check_error(alone.json())
    finally:
        replay.stop()


def answering(*events):
    """A recording of a streamed answer."""
    return {"upstream_response": {"status": 200, "stream": list(events)}}


@pytest.mark.parametrize("fault", ["cut", "eof", "err200"])
@pytest.mark.parametrize("upstream_api", NAMES)
def test_a_stream_that_has_begun_is_never_tried_again(gateway, http, key, dialect, fault, upstream_api):
    model = gateway.model(f"{upstream_api}/gpt-{fault}", "openai/gpt")
    status, text = streamed(gateway.url, key, dialect, model)
    assert status == 200
    assert model.stats(1)["requests"] == 0
    dialect.check_error(events(text)[-1])

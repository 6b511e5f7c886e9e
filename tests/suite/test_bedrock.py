"""Bedrock through the gateway: signed by Envoy, translated both ways, with AWS's event stream."""

import pytest

from harness.bedrock import ID, SECRET, TOKEN, Bedrock

MODEL = "bedrock/eu.anthropic.claude-sonnet-4-5-20250929-v1:0"
KEYS = {"aws_access_key_id": ID, "aws_secret_access_key": SECRET, "aws_session_token": TOKEN}


@pytest.fixture(scope="module")
def bedrock():
    server = Bedrock()
    yield server
    server.stop()


def offer(gateway, bedrock, *deployments):
    """A model with these deployments there."""
    place = {"model": MODEL, "api_base": bedrock.url, "aws_region_name": "eu-west-3", "api_key": None}
    return gateway.model(*({**place, **own} for own in deployments))


def chat(openai_client, model, **more):
    messages = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hello"}]
    return openai_client.chat.completions.create(model=str(model), messages=messages, **more)


@pytest.mark.parametrize("params", [KEYS, {"api_key": "bedrock-api-key"}], ids=["signed", "api-key"])
def test_a_request_is_signed_or_has_its_key(gateway, openai_client, bedrock, params):
    model = offer(gateway, bedrock, params)
    answer = chat(openai_client, model)
    assert (answer.choices[0].message.content, answer.usage.total_tokens) == ("Hello there.", 15)
    path, headers, body = bedrock.requests[-1]
    assert path.endswith("/converse") and body["system"] == [{"text": "Be brief."}]
    assert not any("tianji" in header or header == "x-api-key" for header in headers)


def test_an_event_stream_becomes_server_sent_events(gateway, openai_client, bedrock):
    model = offer(gateway, bedrock, KEYS)
    chunks = list(chat(openai_client, model, stream=True, stream_options={"include_usage": True}))
    text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
    assert (text, chunks[-1].usage.prompt_tokens, chunks[-1].usage.completion_tokens) == ("Hello there.", 12, 3)
    assert bedrock.requests[-1][0].endswith("/converse-stream")


def test_without_a_good_signature_the_next_candidate_is_tried(gateway, http, key, bedrock):
    model = offer(gateway, bedrock, {**KEYS, "aws_secret_access_key": "wrong"}, {"api_key": "bedrock-api-key"})
    body = {"model": str(model), "messages": [{"role": "user", "content": "Hello"}]}
    answer = http.post(gateway.url + "/v1/chat/completions", json=body, headers={"x-api-key": key})
    assert answer.status_code == 200 and answer.headers["x-tianji-attempted-retries"] == "1"
    assert "x-amz-date" not in bedrock.requests[-1][1], "the first attempt's signature is not the second one's"


def test_an_access_key_is_shown_nowhere(gateway, openai_client, bedrock):
    model = offer(gateway, bedrock, KEYS)
    chat(openai_client, model)
    shown = {
        "Envoy's configuration": gateway.envoy.admin("/config_dump?include_eds").text,
        "the models": gateway.admin("GET", "/model/info").text,
        "the control plane's log": gateway.control_plane.process.log.read_text(),
        "Envoy's log": gateway.envoy.process.log.read_text(),
    }
    for where, text in shown.items():
        assert str(model) in text or "log" in where, where
        assert SECRET not in text and TOKEN not in text, where

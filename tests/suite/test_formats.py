"""Every wire format through real Envoy: recorded answers, whole and streamed, reach the client as they should."""

import json
from pathlib import Path

import pytest

from harness.gateway import unique
from harness.replay import Replay

RECORDINGS = Path(__file__).parents[2] / "fixtures" / "oracle"
# At least one for each format and framing, and some that differ from OpenAI in their own ways.
PROVIDERS = [
    *("azure", "bedrock", "cohere", "databricks", "deepseek", "gemini", "groq", "mistral"),
    *("ollama", "ollama_chat", "openai", "replicate", "snowflake", "vertex_ai"),
]
SETTINGS = {"api_key", "api_base", "model"}


def recordings(provider):
    cases = json.loads((RECORDINGS / provider / "chat_completions.json").read_text())
    return [case for case in cases if case.get("upstream_response", {}).get("status") == 200 and not case.get("quirk")]


def whole(case):
    output = case.get("output")
    return isinstance(output, dict) and output["choices"][0]["message"].get("content") and "error" not in case


def streamed(case):
    return isinstance(case.get("output"), list) and "stream" in case["upstream_response"] and "error" not in case


def first(kind):
    """A recording of a kind from each provider that has one."""
    found = [next(filter(kind, recordings(provider)), None) for provider in PROVIDERS]
    return [pytest.param(case, id=case["id"]) for case in found if case]


def text(chunks):
    deltas = [chunk["choices"][0].get("delta", {}) for chunk in chunks if chunk.get("choices")]
    return "".join(delta.get("content") or "" for delta in deltas)


@pytest.fixture(scope="module")
def replay():
    server = Replay()
    yield server
    server.stop()


def ask(gateway, http, key, replay, case):
    """The client's request of a recording, to a deployment that answers as recorded."""
    params = {name: value for name, value in case["deployment"].items() if name not in SETTINGS}
    deployment = {"model": case["deployment"]["model"], "api_base": replay.add(case), "api_key": "provider-key", **params}
    name = unique("replay")
    answer = gateway.admin("POST", "/model/new", json={"model_name": name, "litellm_params": deployment})
    assert answer.status_code == 200, answer.text
    gateway.known(name)
    return http.post(
        gateway.url + "/v1/chat/completions", json={**case["input"], "model": name}, headers={"x-api-key": key}
    )


@pytest.mark.parametrize("case", first(whole))
def test_a_whole_answer_arrives(gateway, http, key, replay, case):
    answer = ask(gateway, http, key, replay, case)
    assert answer.status_code == 200, (case["id"], answer.text)
    choice, expected = answer.json()["choices"][0], case["output"]["choices"][0]
    assert choice["message"]["content"] == expected["message"]["content"], case["id"]
    assert choice["finish_reason"] == expected["finish_reason"], case["id"]
    sent = case["sent"][1]
    assert key not in json.dumps(sent) and "provider-key" in json.dumps(sent)


@pytest.mark.parametrize("case", first(streamed))
def test_a_stream_arrives(gateway, http, key, replay, case):
    answer = ask(gateway, http, key, replay, case)
    assert answer.status_code == 200, (case["id"], answer.text)
    assert answer.headers["content-type"].startswith("text/event-stream")
    events = [line.removeprefix("data: ") for line in answer.text.splitlines() if line.startswith("data: ")]
    assert events.pop() == "[DONE]", case["id"]
    assert text(map(json.loads, events)) == text(case["output"]), case["id"]

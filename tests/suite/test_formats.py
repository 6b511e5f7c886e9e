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
# Those that rank or draw, each in a format of its own or at an address of its own.
RANKING = [
    *("azure_ai", "bedrock", "cohere", "dashscope", "deepinfra", "fireworks_ai", "hosted_vllm", "huggingface"),
    *("infinity", "jina_ai", "litellm_proxy", "nvidia_nim", "together_ai", "vertex_ai", "voyage", "watsonx"),
]
DRAWING = ["azure", "azure_ai", "bedrock", "gemini", "openai", "openrouter", "recraft", "vertex_ai", "xinference"]
SETTINGS = {"api_key", "api_base", "model"}


def recordings(provider, operation="chat_completions"):
    cases = json.loads((RECORDINGS / provider / f"{operation}.json").read_text())
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


def each(providers, operation):
    """An answered recording of an operation from each provider."""
    found = [next(filter(lambda case: "output" in case, recordings(provider, operation))) for provider in providers]
    return [pytest.param(case, id=case["id"]) for case in found]


def text(chunks):
    deltas = [chunk["choices"][0].get("delta", {}) for chunk in chunks if chunk.get("choices")]
    return "".join(delta.get("content") or "" for delta in deltas)


@pytest.fixture(scope="module")
def replay():
    server = Replay()
    yield server
    server.stop()


def ask(gateway, http, key, replay, case, path="/v1/chat/completions"):
    """The client's request of a recording, to a deployment that answers as recorded."""
    params = {name: value for name, value in case["deployment"].items() if name not in SETTINGS}
    model = case["deployment"]["model"]
    # watsonx's API key is exchanged for a token; this is one.
    credential = "token" if model.startswith("watsonx/") else "api_key"
    deployment = {"model": model, "api_base": replay.add(case), credential: "provider-key", **params}
    name = unique("replay")
    answer = gateway.admin("POST", "/model/new", json={"model_name": name, "litellm_params": deployment})
    assert answer.status_code == 200, answer.text
    gateway.known(name)
    return http.post(
        gateway.url + path, json={**case["input"], "model": name}, headers={"x-api-key": key}
    )


def check_whole(case, answer):
    assert answer.status_code == 200, (case["id"], answer.text)
    choice, expected = answer.json()["choices"][0], case["output"]["choices"][0]
    assert choice["message"]["content"] == expected["message"]["content"], case["id"]
    assert choice["finish_reason"] == expected["finish_reason"], case["id"]


def check_stream(case, answer):
    assert answer.status_code == 200, (case["id"], answer.text)
    assert answer.headers["content-type"].startswith("text/event-stream")
    events = [line.removeprefix("data: ") for line in answer.text.splitlines() if line.startswith("data: ")]
    assert events.pop() == "[DONE]", case["id"]
    assert text(map(json.loads, events)) == text(case["output"]), case["id"]


@pytest.mark.parametrize("case", first(whole))
def test_a_whole_answer_arrives(gateway, http, key, replay, case):
    check_whole(case, ask(gateway, http, key, replay, case))
    sent = case["sent"][1]
    assert key not in json.dumps(sent) and "provider-key" in json.dumps(sent)


@pytest.mark.parametrize("case", first(streamed))
def test_a_stream_arrives(gateway, http, key, replay, case):
    check_stream(case, ask(gateway, http, key, replay, case))


@pytest.mark.parametrize(("kind", "check"), [(whole, check_whole), (streamed, check_stream)])
def test_an_answer_that_comes_compressed_is_read(gateway, http, key, replay, kind, check):
    case = next(filter(kind, recordings("openai")))
    answer = ask(gateway, http, key, replay, {**case, "compressed": True})
    assert "content-encoding" not in answer.headers
    check(case, answer)


@pytest.mark.parametrize("case", each(RANKING, "rerank"))
def test_a_ranking_arrives(gateway, http, key, replay, case):
    answer = ask(gateway, http, key, replay, case, "/v1/rerank")
    assert answer.status_code == 200, (case["id"], answer.text)
    assert answer.json()["results"] == case["output"]["results"], case["id"]
    path, headers, _ = case["sent"]
    assert path.split("?")[0].endswith(case["upstream_request"]["url"].split("?")[0].rsplit("/", 1)[1]), path
    assert key not in json.dumps(headers) and "provider-key" in json.dumps(headers)


@pytest.mark.parametrize("case", each(DRAWING, "images_generations"))
def test_images_arrive(gateway, http, key, replay, case):
    answer = ask(gateway, http, key, replay, case, "/v1/images/generations")
    assert answer.status_code == 200, (case["id"], answer.text)
    assert answer.json()["data"] == case["output"]["data"], case["id"]
    assert case["sent"][2] == case["upstream_request"]["body"], case["id"]


@pytest.mark.parametrize(
    ("provider", "operation", "path", "cost"),
    [
        pytest.param("cohere", "rerank", "/v2/rerank", 0.002, id="a search"),
        pytest.param("recraft", "images_generations", "/images/generations", 0.04, id="an image"),
    ],
)
def test_what_is_not_paid_for_by_the_token_is_billed(gateway, http, replay, provider, operation, path, cost):
    key = gateway.key()
    priced = [case for case in recordings(provider, operation) if case["deployment"]["model"] != "cohere/m"]
    answer = ask(gateway, http, key, replay, next(case for case in priced if "output" in case), path)
    assert float(answer.headers["x-litellm-response-cost"]) == pytest.approx(cost)
    row = gateway.settled(key, 1)[0]
    assert row["cost"] == pytest.approx(cost) and row["provider"] == provider

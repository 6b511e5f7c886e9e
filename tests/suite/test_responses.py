"""Responses with the official OpenAI SDK, over upstreams that have chat or messages only, and over one that has them."""

import json
from pathlib import Path

import openai
import pytest

from harness.dialects import FOX
from harness.gateway import unique
from harness.replay import Replay

RECORDINGS = Path(__file__).parents[2] / "fixtures" / "oracle"
TOOLS = [
    {
        "type": "function",
        "name": name,
        "description": f"The {name} of a city",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    }
    for name in ("weather", "time")
]
PARIS = {"city": 'Paris, "天机"'}
both = pytest.mark.parametrize("provider", ["openai_like", "anthropic"])


def model(gateway, upstream, provider, script):
    base = upstream.url + ("/v1" if provider == "openai_like" else "")
    return gateway.model({"model": f"{provider}/{script}", "api_base": base})


@both
def test_a_whole_response_comes_with_its_usage(gateway, upstream, openai_client, provider):
    name = model(gateway, upstream, provider, "gpt")
    response = openai_client.responses.create(model=str(name), input="Hello", instructions="Be brief.")
    assert response.output_text.startswith(FOX)
    assert (response.status, response.model, response.instructions) == ("completed", str(name), "Be brief.")
    assert (response.usage.input_tokens, response.usage.output_tokens, response.usage.total_tokens) == (96, 128, 224)


@both
def test_a_stream_has_the_events_the_sdk_puts_together(gateway, upstream, openai_client, provider):
    name = model(gateway, upstream, provider, "gpt-think")
    with openai_client.responses.stream(model=str(name), input="Hello") as stream:
        events = list(stream)
        response = stream.get_final_response()
    kinds = [event.type for event in events]
    assert kinds[:2] == ["response.created", "response.in_progress"] and kinds[-1] == "response.completed"
    assert [event.sequence_number for event in events] == list(range(len(events)))
    deltas = "".join(event.delta for event in events if event.type == "response.output_text.delta")
    assert deltas == response.output_text and deltas.count("token")
    assert [item.type for item in response.output] == ["reasoning", "message"]
    assert response.usage.total_tokens == 96 + response.usage.output_tokens > 100


@both
@pytest.mark.parametrize("streamed", [False, True])
def test_tools_are_called_and_their_results_sent_back(gateway, upstream, openai_client, provider, streamed):
    name = model(gateway, upstream, provider, "gpt")

    def ask(said):
        if not streamed:
            return openai_client.responses.create(model=str(name), input=said, tools=TOOLS)
        with openai_client.responses.stream(model=str(name), input=said, tools=TOOLS) as stream:
            return stream.get_final_response()

    first = ask([{"role": "user", "content": "Hello"}])
    calls = [item for item in first.output if item.type == "function_call"]
    assert [(call.name, json.loads(call.arguments)) for call in calls] == [("weather", PARIS), ("time", PARIS)]
    results = [{"type": "function_call_output", "call_id": call.call_id, "output": call.name} for call in calls]
    asked = [call.model_dump(exclude={"parsed_arguments"}, exclude_none=True) for call in calls]
    second = ask([{"role": "user", "content": "Hello"}, *asked, *results])
    assert second.output_text.startswith("The tool said: ") and "time" in second.output_text


@both
def test_an_error_has_openai_s_shape_and_so_has_one_in_a_stream(gateway, upstream, openai_client, provider):
    with pytest.raises(openai.BadRequestError) as refused:
        openai_client.responses.create(model=str(model(gateway, upstream, provider, "gpt-400")), input="Hello")
    assert refused.value.body["message"]
    name = model(gateway, upstream, provider, "gpt-eof")
    with pytest.raises(openai.APIError):
        list(openai_client.responses.create(model=str(name), input="Hello", stream=True))


def test_what_nobody_has_kept_is_refused(gateway, upstream, openai_client):
    name = model(gateway, upstream, "anthropic", "gpt")
    with pytest.raises(openai.BadRequestError, match="keeps no responses"):
        openai_client.responses.create(model=str(name), input="Hello", previous_response_id="resp_1")


@pytest.mark.parametrize("streamed", [False, True])
def test_who_has_the_api_is_asked_as_it_is(gateway, openai_client, streamed):
    surface, wanted = ("chat_completions", "bridge/stream/text") if streamed else ("responses", "req/basic")
    cases = json.loads((RECORDINGS / "openai" / f"{surface}.json").read_text())
    case = next(case for case in cases if case["id"].endswith(wanted))
    replay = Replay()
    try:
        name = gateway.model({"model": "openai/gpt-4o", "api_base": replay.add(case)})
        extra = {"previous_response_id": "resp_0", "metadata": {"k": "v"}, "extra_body": {"unheard_of": [1]}}
        asked = {"model": str(name), "input": "Hello", **extra}
        if streamed:
            events = list(openai_client.responses.create(**asked, stream=True))
            response = events[-1].response
            assert "".join(event.delta for event in events if event.type.endswith("text.delta")) == "Hello"
        else:
            response = openai_client.responses.create(**asked)
        assert (response.model, response.usage.total_tokens, response.output_text) == (str(name), 17, "Hello there!")
        path, _, body = case["sent"]
        assert path.endswith("/responses") and body["unheard_of"] == [1]
        assert (body["previous_response_id"], body["metadata"]) == ("resp_0", {"k": "v"})
    finally:
        replay.stop()


def test_a_chat_goes_to_a_model_that_has_responses_only(gateway, openai_client):
    cases = json.loads((RECORDINGS / "openai" / "chat_completions.json").read_text())
    case = next(case for case in cases if case["id"].endswith("responses-bridge/stream/text"))
    replay = Replay()
    try:
        name = gateway.model({"model": "openai/responses/gpt-4o", "api_base": replay.add(case)})
        messages = [{"role": "user", "content": "Hello"}]
        chunks = list(openai_client.chat.completions.create(model=str(name), messages=messages, stream=True))
        assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices) == "Hello"
        assert case["sent"][0].endswith("/responses")
    finally:
        replay.stop()


def test_the_ledger_has_the_tokens_of_both_ways(gateway, upstream, http):
    key = gateway.key()
    for provider in ("openai_like", "anthropic"):
        body = {"model": str(model(gateway, upstream, provider, unique("gpt"))), "input": "Hello", "stream": True}
        answer = http.post(gateway.url + "/v1/responses", json=body, headers={"authorization": f"Bearer {key}"})
        assert answer.text.rstrip().splitlines()[-2] == "event: response.completed", answer.text
    for row in gateway.settled(key, 2):
        assert row["prompt_tokens"] == 96 and row["completion_tokens"] > 10, row

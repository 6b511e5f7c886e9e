"""Chat completions with the official OpenAI SDK, over upstreams of both formats."""

import base64
import json

import openai
import pytest

from harness.dialects import FOX
from harness.wait import until

TOOLS = [
    {
        "type": "function",
        "function": {
            "name": name,
            "description": f"The {name} of a city",
            "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
        },
    }
    for name in ("weather", "time")
]
pytestmark = pytest.mark.parametrize("upstream_api", ["openai", "anthropic"])


def ask(client, model, text="Hello", **more):
    return client.chat.completions.create(model=str(model), messages=[{"role": "user", "content": text}], **more)


def test_a_whole_answer_comes_with_its_usage(gateway, openai_client, upstream_api):
    model = gateway.model(f"{upstream_api}/gpt")
    answer = ask(openai_client, model)
    assert answer.choices[0].message.content.startswith(FOX)
    assert answer.choices[0].finish_reason == "stop"
    assert (answer.usage.prompt_tokens, answer.usage.completion_tokens, answer.usage.total_tokens) == (96, 128, 224)
    assert answer.object == "chat.completion" and answer.id
    path = "/v1/chat/completions" if upstream_api == "openai" else "/v1/messages"
    assert model.last()["path"] == path and model.last()["body"]["model"] == model.upstream[0]


def test_a_stream_comes_in_order_with_usage_at_its_end(gateway, openai_client, upstream_api):
    model = gateway.model(f"{upstream_api}/gpt")
    chunks = list(ask(openai_client, model, stream=True, stream_options={"include_usage": True}))
    text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
    count = text.count("token")
    assert text == "".join(f" token{i:02} of" for i in range(count)) and count >= 28
    assert [c.choices[0].finish_reason for c in chunks if c.choices and c.choices[0].finish_reason] == ["stop"]
    assert chunks[-1].usage.prompt_tokens == 96 and chunks[-1].usage.completion_tokens == count
    assert len({chunk.id for chunk in chunks}) == 1


def test_a_stream_without_include_usage_shows_none(gateway, openai_client, upstream_api):
    model = gateway.model(f"{upstream_api}/gpt")
    chunks = list(ask(openai_client, model, stream=True))
    assert all(chunk.choices for chunk in chunks), "a chunk without choices was not asked for"
    assert not any(chunk.usage for chunk in chunks)


def test_a_stream_is_passed_on_event_by_event(gateway, openai_client, upstream_api):
    """The first event is here while the provider still holds the others back."""
    model = gateway.model(f"{upstream_api}/gpt-n40-p100")
    stream = ask(openai_client, model, stream=True)
    for chunk in stream:
        if chunk.choices and chunk.choices[0].delta.content:
            break
    assert model.stats()["in_flight"] == 1 and model.stats()["finished"] == 0
    stream.close()
    until(lambda: model.stats()["cancelled"] == 1, 5, "the provider's stream is cancelled")


@pytest.mark.parametrize("how", ["split1", "split7", "crlf", "split3-crlf"])
def test_any_split_of_a_stream_gives_the_same_text(gateway, openai_client, upstream_api, how):
    model = gateway.model(f"{upstream_api}/gpt-echo-{how}")
    text = "天机 – 🦀 \"quoted\" \\ and\nlines"
    chunks = list(ask(openai_client, model, text, stream=True))
    assert "".join(c.choices[0].delta.content or "" for c in chunks if c.choices) == text


def test_several_tools_are_called_and_their_results_sent_back(gateway, openai_client, upstream_api):
    model = gateway.model(f"{upstream_api}/gpt")
    messages = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Weather and time in Paris?"}]
    first = openai_client.chat.completions.create(model=str(model), messages=messages, tools=TOOLS)
    message = first.choices[0].message
    assert first.choices[0].finish_reason == "tool_calls"
    assert [call.function.name for call in message.tool_calls] == ["weather", "time"]
    assert all(json.loads(call.function.arguments) == {"city": 'Paris, "天机"'} for call in message.tool_calls)
    messages.append(message.model_dump(exclude_none=True))
    messages += [{"role": "tool", "tool_call_id": c.id, "content": c.function.name} for c in message.tool_calls]
    second = openai_client.chat.completions.create(model=str(model), messages=messages, tools=TOOLS)
    assert second.choices[0].message.content.startswith("The tool said: ")
    assert "time" in second.choices[0].message.content


def test_tool_calls_are_streamed(gateway, openai_client, upstream_api):
    model = gateway.model(f"{upstream_api}/gpt")
    names, arguments, finish = {}, {}, None
    for chunk in ask(openai_client, model, stream=True, tools=TOOLS):
        for call in (chunk.choices[0].delta.tool_calls or []) if chunk.choices else []:
            if call.function.name:
                names[call.index] = call.function.name
                assert call.id
            arguments[call.index] = arguments.get(call.index, "") + (call.function.arguments or "")
        finish = (chunk.choices and chunk.choices[0].finish_reason) or finish
    assert names == {0: "weather", 1: "time"} and finish == "tool_calls"
    assert all(json.loads(text) == {"city": 'Paris, "天机"'} for text in arguments.values())


def test_one_tool_can_be_forced_and_all_forbidden(gateway, openai_client, upstream_api):
    model = gateway.model(f"{upstream_api}/gpt")
    forced = {"type": "function", "function": {"name": "time"}}
    answer = ask(openai_client, model, tools=TOOLS, tool_choice=forced)
    assert [call.function.name for call in answer.choices[0].message.tool_calls] == ["time"]
    answer = ask(openai_client, model, tools=TOOLS, tool_choice="none")
    assert not answer.choices[0].message.tool_calls


def test_images_reach_the_provider_in_its_own_shape(gateway, openai_client, upstream_api):
    model = gateway.model(f"{upstream_api}/gpt")
    png = base64.b64encode(b"\x89PNG not really").decode()
    urls = [f"data:image/png;base64,{png}", "https://example.com/cat.png"]
    content = [{"type": "text", "text": "What is this?"}]
    content += [{"type": "image_url", "image_url": {"url": url}} for url in urls]
    ask(openai_client, model, content)
    sent = model.last()["body"]["messages"][0]["content"]
    if upstream_api == "openai":
        assert sent == content
        return
    images = [block["source"] for block in sent if block["type"] == "image"]
    assert images[0] == {"type": "base64", "media_type": "image/png", "data": png}
    assert images[1] == {"type": "url", "url": urls[1]}


def test_reasoning_is_shown(gateway, openai_client, upstream_api):
    model = gateway.model(f"{upstream_api}/gpt-think")
    message = ask(openai_client, model).choices[0].message
    assert message.reasoning_content == "The user wants an answer."
    if upstream_api == "anthropic":
        assert message.thinking_blocks[0]["signature"]
    chunks = list(ask(openai_client, model, stream=True))
    deltas = [chunk.choices[0].delta for chunk in chunks if chunk.choices]
    assert "".join(getattr(delta, "reasoning_content", None) or "" for delta in deltas) == "The user wants an answer."


def test_system_prompts_and_turns_keep_their_order(gateway, openai_client, upstream_api):
    model = gateway.model(f"{upstream_api}/gpt")
    turns = [("system", "S"), ("user", "A"), ("assistant", "B"), ("user", "C")]
    messages = [{"role": role, "content": content} for role, content in turns]
    openai_client.chat.completions.create(model=str(model), messages=messages, stop=["END"], temperature=0.5)
    body = model.last()["body"]
    if upstream_api == "openai":
        assert body["messages"] == messages and body["stop"] == ["END"]
    else:
        assert [m["role"] for m in body["messages"]] == ["user", "assistant", "user"]
        assert "S" in json.dumps(body["system"]) and body["stop_sequences"] == ["END"] and body["max_tokens"] > 0
    assert body["temperature"] == 0.5


@pytest.mark.parametrize(
    ("script", "error"),
    [
        ("400", openai.BadRequestError),
        ("401", openai.AuthenticationError),
        ("404", openai.NotFoundError),
        ("429", openai.RateLimitError),
        ("500", openai.InternalServerError),
        ("503", openai.InternalServerError),
    ],
)
@pytest.mark.parametrize("stream", [False, True])
def test_a_provider_s_error_is_the_sdk_s_own(gateway, openai_client, upstream_api, script, error, stream):
    model = gateway.model(f"{upstream_api}/gpt-{script}")
    with pytest.raises(error) as caught:
        ask(openai_client, model, stream=stream)
    assert caught.value.body["message"] and caught.value.body["type"]
    if script in ("429", "503"):
        assert caught.value.response.headers["retry-after"] == "7"
    assert model.stats()["requests"] == 1


def test_unknown_fields_pass_through(gateway, openai_client, upstream_api):
    if upstream_api == "anthropic":
        pytest.skip("another format has no place for another format's unknown fields")
    model = gateway.model("openai/gpt")
    ask(openai_client, model, extra_body={"brand_new": {"deep": [1, 2.50, "x"]}})
    assert model.last()["body"]["brand_new"] == {"deep": [1, 2.5, "x"]}


def test_answers_do_not_mix(gateway, key, upstream_api):
    """Many at once, over two workers: each gets its own."""
    from concurrent.futures import ThreadPoolExecutor

    model = gateway.model(f"{upstream_api}/gpt-echo-p1")
    client = openai.OpenAI(base_url=gateway.url + "/v1", api_key=key, max_retries=0)

    def one(i):
        if i % 2:
            return ask(client, model, f"number {i}").choices[0].message.content
        chunks = ask(client, model, f"number {i}", stream=True)
        return "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)

    with ThreadPoolExecutor(32) as pool:
        assert list(pool.map(one, range(200))) == [f"number {i}" for i in range(200)]

"""Messages with the official Anthropic SDK, over upstreams of both formats."""

import anthropic
import pytest

from harness.dialects import FOX

TOOLS = [
    {
        "name": name,
        "description": f"The {name} of a city",
        "input_schema": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    }
    for name in ("weather", "time")
]
PARIS = {"city": 'Paris, "天机"'}
pytestmark = pytest.mark.parametrize("upstream_api", ["openai", "anthropic"])


def ask(client, model, content="Hello", **more):
    messages = [{"role": "user", "content": content}]
    return client.messages.create(**{"model": str(model), "max_tokens": 100, "messages": messages, **more})


def test_a_whole_message_comes_with_its_usage(gateway, anthropic_client, upstream_api):
    model = gateway.model(f"{upstream_api}/claude-cache16")
    message = ask(anthropic_client, model)
    assert message.content[0].text.startswith(FOX)
    assert (message.type, message.role, message.stop_reason) == ("message", "assistant", "end_turn")
    # Anthropic's input tokens leave out what came from the cache; OpenAI's do not.
    assert (message.usage.input_tokens, message.usage.output_tokens) == (80, 128)
    assert message.usage.cache_read_input_tokens == 16
    path = "/v1/chat/completions" if upstream_api == "openai" else "/v1/messages"
    assert model.last()["path"] == path


def test_a_stream_has_the_events_of_a_message(gateway, anthropic_client, upstream_api):
    model = gateway.model(f"{upstream_api}/claude")
    events = list(ask(anthropic_client, model, stream=True))
    kinds = [event.type for event in events if event.type != "ping"]
    assert kinds[:2] == ["message_start", "content_block_start"]
    assert kinds[-3:] == ["content_block_stop", "message_delta", "message_stop"]
    assert set(kinds[2:-3]) == {"content_block_delta"}
    text = "".join(event.delta.text for event in events if event.type == "content_block_delta")
    assert text == "".join(f" token{i:02} of" for i in range(text.count("token")))
    delta = next(event for event in events if event.type == "message_delta")
    assert delta.delta.stop_reason == "end_turn" and delta.usage.output_tokens == text.count("token")


def test_the_sdk_puts_a_stream_together(gateway, anthropic_client, upstream_api):
    model = gateway.model(f"{upstream_api}/claude")
    messages = [{"role": "user", "content": "Weather and time?"}]
    with anthropic_client.messages.stream(
        model=str(model), max_tokens=100, messages=messages, tools=TOOLS
    ) as stream:
        message = stream.get_final_message()
    calls = [block for block in message.content if block.type == "tool_use"]
    assert [(call.name, call.input) for call in calls] == [("weather", PARIS), ("time", PARIS)]
    assert message.stop_reason == "tool_use"


def test_tools_are_called_and_their_results_sent_back(gateway, anthropic_client, upstream_api):
    model = gateway.model(f"{upstream_api}/claude")
    first = ask(anthropic_client, model, tools=TOOLS, system="Be brief.")
    calls = [block for block in first.content if block.type == "tool_use"]
    assert [(call.name, call.input) for call in calls] == [("weather", PARIS), ("time", PARIS)]
    results = [{"type": "tool_result", "tool_use_id": call.id, "content": call.name} for call in calls]
    messages = [
        {"role": "user", "content": "Hello"},
        {"role": "assistant", "content": [block.model_dump(exclude_none=True) for block in first.content]},
        {"role": "user", "content": results},
    ]
    second = ask(anthropic_client, model, messages=messages, tools=TOOLS)
    assert second.content[0].text.startswith("The tool said: ") and "time" in second.content[0].text


def test_one_tool_can_be_forced(gateway, anthropic_client, upstream_api):
    model = gateway.model(f"{upstream_api}/claude")
    message = ask(anthropic_client, model, tools=TOOLS, tool_choice={"type": "tool", "name": "time"})
    assert [block.name for block in message.content if block.type == "tool_use"] == ["time"]


def test_thinking_comes_first(gateway, anthropic_client, upstream_api):
    model = gateway.model(f"{upstream_api}/claude-think")
    message = ask(anthropic_client, model)
    assert [block.type for block in message.content] == ["thinking", "text"]
    assert message.content[0].thinking == "The user wants an answer."
    if upstream_api == "anthropic":
        assert message.content[0].signature


def test_an_image_reaches_the_provider(gateway, anthropic_client, upstream_api):
    model = gateway.model(f"{upstream_api}/claude")
    source = {"type": "base64", "media_type": "image/png", "data": "aGVsbG8="}
    content = [{"type": "image", "source": source}, {"type": "text", "text": "What is this?"}]
    ask(anthropic_client, model, content)
    sent = model.last()["body"]["messages"][0]["content"]
    if upstream_api == "anthropic":
        assert sent == content
    else:
        images = [part["image_url"] for part in sent if part["type"] == "image_url"]
        assert [image["url"] if isinstance(image, dict) else image for image in images] == [
            "data:image/png;base64,aGVsbG8="
        ]


def test_tokens_are_counted(gateway, anthropic_client, upstream_api):
    model = gateway.model(f"{upstream_api}/claude-in41")
    messages = [{"role": "user", "content": "Hello, how many tokens are these?"}]
    counted = anthropic_client.messages.count_tokens(model=str(model), messages=messages)
    if upstream_api == "anthropic":
        assert counted.input_tokens == 41
    else:
        assert counted.input_tokens > 0
        assert model.stats()["requests"] == 0


@pytest.mark.parametrize(
    ("script", "error"),
    [
        ("400", anthropic.BadRequestError),
        ("401", anthropic.AuthenticationError),
        ("404", anthropic.NotFoundError),
        ("429", anthropic.RateLimitError),
        ("500", anthropic.InternalServerError),
    ],
)
@pytest.mark.parametrize("stream", [False, True])
def test_a_provider_s_error_is_the_sdk_s_own(gateway, anthropic_client, upstream_api, script, error, stream):
    model = gateway.model(f"{upstream_api}/claude-{script}")
    with pytest.raises(error) as caught:
        ask(anthropic_client, model, stream=stream)
    assert caught.value.body["type"] == "error" and caught.value.body["error"]["message"]
    if script == "429":
        assert caught.value.response.headers["retry-after"] == "7"

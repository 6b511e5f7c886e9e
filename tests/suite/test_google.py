"""Google's API with the official google-genai SDK, over upstreams of other formats and over one of its own."""

import json
from pathlib import Path

import pytest
from google import genai
from google.genai import errors, types

from harness.dialects import FOX
from harness.replay import Replay

RECORDINGS = Path(__file__).parents[2] / "fixtures" / "oracle"
PARIS = {"city": 'Paris, "天机"'}
both = pytest.mark.parametrize("provider", ["openai", "anthropic"])


@pytest.fixture
def google(gateway, key):
    return genai.Client(api_key=key, http_options=types.HttpOptions(base_url=gateway.url, timeout=30_000))


def tools():
    schema = {"type": "OBJECT", "properties": {"city": {"type": "STRING"}}, "required": ["city"]}
    declared = [{"name": name, "description": f"The {name} of a city", "parameters": schema} for name in ("weather", "time")]
    return types.GenerateContentConfig(
        tools=[types.Tool(function_declarations=declared)],
        automatic_function_calling=types.AutomaticFunctionCallingConfig(disable=True),
    )


@both
def test_a_whole_answer_comes_with_its_usage(gateway, google, provider):
    model = gateway.model(f"{provider}/gpt")
    config = types.GenerateContentConfig(system_instruction="Be brief.", max_output_tokens=100)
    answer = google.models.generate_content(model=str(model), contents="Hello", config=config)
    assert answer.text.startswith(FOX)
    assert answer.candidates[0].finish_reason == types.FinishReason.STOP
    usage = answer.usage_metadata
    assert (usage.prompt_token_count, usage.candidates_token_count, usage.total_token_count) == (96, 128, 224)


@both
def test_a_stream_ends_with_its_usage(gateway, google, provider):
    model = gateway.model(f"{provider}/gpt")
    answers = list(google.models.generate_content_stream(model=str(model), contents="Hello"))
    assert "".join(answer.text or "" for answer in answers).count("token") and len(answers) > 10
    usage = answers[-1].usage_metadata
    assert usage.total_token_count == 96 + usage.candidates_token_count > 100
    assert answers[-1].candidates[0].finish_reason == types.FinishReason.STOP


@both
@pytest.mark.parametrize("streamed", [False, True])
def test_functions_are_called_and_their_results_sent_back(gateway, google, provider, streamed):
    model = gateway.model(f"{provider}/gpt-think")

    def ask(contents):
        asked = {"model": str(model), "contents": contents, "config": tools()}
        if not streamed:
            return google.models.generate_content(**asked).candidates[0].content.parts
        answers = google.models.generate_content_stream(**asked)
        return [part for answer in answers for part in answer.candidates[0].content.parts]

    hello = types.Content(role="user", parts=[types.Part(text="Hello")])
    parts = ask([hello])
    calls = [part.function_call for part in parts if part.function_call]
    assert [(call.name, call.args) for call in calls] == [("weather", PARIS), ("time", PARIS)]
    results = [types.Part.from_function_response(name=call.name, response={"result": call.name}) for call in calls]
    said = types.Content(role="model", parts=parts)
    text = "".join(part.text or "" for part in ask([hello, said, types.Content(role="user", parts=results)]))
    assert "The tool said: " in text and "time" in text


@both
def test_tokens_are_counted(gateway, google, provider):
    model = gateway.model(f"{provider}/gpt")
    assert google.models.count_tokens(model=str(model), contents="Hello, how many are these?").total_tokens > 5


@both
def test_errors_have_google_s_shape(gateway, google, http, provider):
    model = gateway.model(f"{provider}/gpt-429")
    with pytest.raises(errors.ClientError) as refused:
        google.models.generate_content(model=str(model), contents="Hello")
    assert (refused.value.code, refused.value.status) == (429, "RESOURCE_EXHAUSTED")
    unknown = http.post(f"{gateway.url}/v1beta/models/nobody:generateContent?key=sk-wrong", json={"contents": []})
    assert (unknown.status_code, unknown.json()["error"]["status"]) == (401, "UNAUTHENTICATED")


@pytest.mark.parametrize("path", ["/v1beta/models/", "/v1/models/", "/models/"])
def test_a_stream_is_an_array_where_no_events_are_asked_for(gateway, http, key, path):
    model = gateway.model("anthropic/gpt")
    body = {"contents": [{"parts": [{"text": "Hello"}]}]}
    answer = http.post(f"{gateway.url}{path}{model}:streamGenerateContent?key={key}", json=body)
    assert answer.headers["content-type"].startswith("application/json")
    said = [part.get("text", "") for item in answer.json() for part in item["candidates"][0]["content"]["parts"]]
    assert "".join(said).count("token")
    assert key not in json.dumps(model.last())


@pytest.mark.parametrize("streamed", [False, True])
def test_google_s_own_models_are_asked_as_they_are(gateway, google, key, streamed):
    cases = json.loads((RECORDINGS / "gemini" / "responses.json").read_text())
    case = next(case for case in cases if case["id"].endswith("req/stream" if streamed else "req/basic"))
    replay = Replay()
    try:
        model = gateway.model({"model": "gemini/gemini-2.5-flash", "api_base": replay.add(case)})
        if streamed:
            answers = list(google.models.generate_content_stream(model=str(model), contents="Hello"))
            text = "".join(answer.text or "" for answer in answers)
        else:
            text = google.models.generate_content(model=str(model), contents="Hello").text
        assert text == ("Hello!" if streamed else "Hello there!")
        path, headers, body = case["sent"]
        assert ":streamGenerateContent?alt=sse" in path if streamed else path.endswith(":generateContent")
        assert body["contents"][0]["parts"][0]["text"] == "Hello"
        assert key not in json.dumps([path, headers, body])
    finally:
        replay.stop()

"""Text completions, speech and transcription, by OpenAI's SDK."""

import io
import wave

import httpx
import openai
import pytest

from harness.gateway import unique
from harness.sounds import SOUND, TEXTS, Sounds


@pytest.fixture(scope="module")
def sounds():
    server = Sounds()
    yield server
    server.stop()


@pytest.fixture
def offer(gateway, sounds):
    """A deployment there, by its model; gives the name it is offered under."""

    def offer(model, **params):
        name = unique("sounds")
        params = {"model": model, "api_base": sounds.url + "/v1", "api_key": "provider-key", **params}
        answer = gateway.admin("POST", "/model/new", json={"model_name": name, "litellm_params": params})
        assert answer.status_code == 200, answer.text
        gateway.known(name)
        return name

    return offer


def recording(seconds):
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setnchannels(1)
        writer.setsampwidth(2)
        writer.setframerate(8000)
        writer.writeframes(bytes(range(200)) * int(80 * seconds))
    return file.getvalue()


def test_a_text_is_gone_on_with(gateway, openai_client, sounds, offer, key):
    model = offer("text-completion-openai/gpt-3.5-turbo-instruct")
    answer = openai_client.completions.create(model=model, prompt=["Say hi"], max_tokens=5)
    assert (answer.object, answer.choices[0].text, answer.model) == ("text_completion", "".join(TEXTS), model)
    path, asked = sounds.last()
    assert path == "/v1/completions"
    assert asked == {"model": "gpt-3.5-turbo-instruct", "prompt": "Say hi", "max_tokens": 5}
    row = gateway.settled(key, 1)[0]
    assert (row["prompt_tokens"], row["completion_tokens"]) == (4, 3)


@pytest.mark.parametrize("usage", [True, False])
def test_a_text_is_streamed(openai_client, offer, usage):
    model = offer("text-completion-openai/gpt-3.5-turbo-instruct")
    options = {"stream_options": {"include_usage": True}} if usage else {}
    chunks = list(openai_client.completions.create(model=model, prompt="Say hi", stream=True, **options))
    assert "".join(chunk.choices[0].text for chunk in chunks) == "".join(TEXTS)
    assert {chunk.object for chunk in chunks} == {"text_completion"}
    assert [chunk.usage.total_tokens for chunk in chunks if chunk.usage] == ([7] if usage else [])


@pytest.mark.parametrize("stream", [True, False])
def test_a_chat_model_goes_on_with_a_text(gateway, openai_client, stream):
    model = gateway.model("anthropic/claude")
    answer = openai_client.completions.create(model=str(model), prompt="Say hi", max_tokens=9, stream=stream)
    chunks = list(answer) if stream else [answer]
    assert "".join(chunk.choices[0].text for chunk in chunks)
    assert model.last()["path"] == "/v1/messages"


def test_speech_is_the_provider_s_to_the_last_byte(gateway, openai_client, sounds, offer, key):
    model = offer("openai/tts-1")
    asked = {"model": model, "input": "hello", "voice": "alloy"}
    with openai_client.audio.speech.with_streaming_response.create(**asked) as answer:
        assert answer.headers["content-type"] == "audio/mpeg"
        assert b"".join(answer.iter_bytes()) == b"".join(SOUND)
    path, sent = sounds.last()
    assert (path, sent["model"], sent["voice"]) == ("/v1/audio/speech", "tts-1", "alloy")
    assert sounds.head()["authorization"] == "Bearer provider-key"
    row = gateway.settled(key, 1)[0]
    assert row["status"] == 200 and row["cost"] == pytest.approx(5 * 15e-6)


def test_speech_that_is_refused_says_why(openai_client, offer):
    with pytest.raises(openai.BadRequestError, match="no such voice"):
        openai_client.audio.speech.create(model=offer("openai/tts-1"), input="refuse", voice="alloy")


def test_speech_that_breaks_off_is_cut_and_says_nothing(gateway, http, offer, key):
    body, heard = {"model": offer("openai/tts-1"), "input": "break", "voice": "alloy"}, b""
    with http.stream("POST", gateway.url + "/v1/audio/speech", json=body, headers={"x-api-key": key}) as answer:
        assert answer.status_code == 200
        with pytest.raises(httpx.RemoteProtocolError):
            for piece in answer.iter_raw():
                heard += piece
    assert heard == SOUND[0]
    assert gateway.settled(key, 1)[0]["error"]


def test_a_recording_is_written_down(gateway, openai_client, sounds, offer, key):
    file = recording(2)
    answer = openai_client.audio.transcriptions.create(
        model=offer("openai/whisper-1"), file=("ä \"b\".wav", file, "audio/wav"), language="en", temperature=0.2
    )
    assert (answer.text, answer.duration) == ("hello world", 1.5)
    path, parts = sounds.last()
    assert path == "/v1/audio/transcriptions"
    assert parts["file"][1:] == ("audio/wav", file)
    texts = {name: part for name, part in parts.items() if name != "file"}
    assert texts == {"model": "whisper-1", "response_format": "verbose_json", "language": "en", "temperature": "0.2"}
    row = gateway.settled(key, 1)[0]
    assert row["cost"] == pytest.approx(1.5 * 1e-4)


def test_a_transcript_may_be_a_text(gateway, openai_client, offer, key):
    file = ("a.wav", recording(2), "audio/wav")
    text = openai_client.audio.transcriptions.create(model=offer("openai/whisper-1"), file=file, response_format="text")
    assert text == "hello world\n"
    assert gateway.settled(key, 1)[0]["cost"] == pytest.approx(2 * 1e-4), "as long as the recording"


def test_a_form_without_a_recording_is_the_client_s_fault(gateway, http, key):
    for body in ({"json": {"model": "m"}}, {"files": {"model": (None, "m")}}):
        answer = http.post(gateway.url + "/v1/audio/transcriptions", headers={"x-api-key": key}, **body)
        assert (answer.status_code, answer.json()["error"]["type"]) == (400, "invalid_request_error"), answer.text

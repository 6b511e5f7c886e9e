"""The two client APIs, in raw HTTP: what a request looks like, and what can be read from an answer."""

import contextlib
import json

import httpx

FOX = "The quick brown fox jumps over the lazy dog while the gateway forwards this fixed completion."


class OpenAI:
    """Chat completions."""

    name, path = "openai", "/v1/chat/completions"

    @staticmethod
    def body(model, text="Hello", stream=False, **more):
        body = {"model": str(model), "messages": [{"role": "user", "content": text}], **more}
        return body | ({"stream": True, "stream_options": {"include_usage": True}} if stream else {})

    @staticmethod
    def text(answer):
        return answer["choices"][0]["message"]["content"]

    @staticmethod
    def usage(answer):
        return answer["usage"]["prompt_tokens"], answer["usage"]["completion_tokens"]

    @staticmethod
    def delta(event):
        return (event.get("choices") or [{}])[0].get("delta", {}).get("content") or ""

    @staticmethod
    def closed(text):
        return text.rstrip().endswith("data: [DONE]")

    @staticmethod
    def check_error(error):
        """The shape every OpenAI client relies on."""
        assert set(error) == {"error"}, error
        assert isinstance(error["error"]["message"], str) and error["error"]["message"], error
        assert isinstance(error["error"]["type"], str) and {"param", "code"} <= set(error["error"]), error


class Anthropic:
    """Messages."""

    name, path = "anthropic", "/v1/messages"

    @staticmethod
    def body(model, text="Hello", stream=False, **more):
        body = {"model": str(model), "max_tokens": 100, "messages": [{"role": "user", "content": text}], **more}
        return body | ({"stream": True} if stream else {})

    @staticmethod
    def text(answer):
        return "".join(block.get("text", "") for block in answer["content"])

    @staticmethod
    def usage(answer):
        return answer["usage"]["input_tokens"], answer["usage"]["output_tokens"]

    @staticmethod
    def delta(event):
        return event.get("delta", {}).get("text", "") if event["type"] == "content_block_delta" else ""

    @staticmethod
    def closed(text):
        return '"message_stop"' in text[-200:]

    @staticmethod
    def check_error(error):
        """<https://docs.anthropic.com/en/api/errors>"""
        assert error["type"] == "error", error
        assert isinstance(error["error"]["type"], str) and isinstance(error["error"]["message"], str), error
        assert error["error"]["message"], error


BOTH = [OpenAI, Anthropic]
NAMES = [dialect.name for dialect in BOTH]


def named(name):
    return BOTH[NAMES.index(name)]


def events(text):
    """The JSON events of a stream, in order; `[DONE]` is none."""
    found = []
    for block in text.replace("\r\n", "\n").split("\n\n"):
        data = "\n".join(line[5:].removeprefix(" ") for line in block.split("\n") if line.startswith("data:"))
        if data and data != "[DONE]":
            found.append(json.loads(data))
    return found


def streamed(url, key, dialect, model, stream=True):
    """Status and text of an answer, as far as it came: a connection that breaks off is no failure here."""
    text = []
    headers = {"authorization": f"Bearer {key}"}
    with httpx.Client(timeout=30) as client:
        body = dialect.body(model, stream=stream)
        with client.stream("POST", url + dialect.path, json=body, headers=headers) as answer:
            with contextlib.suppress(httpx.RemoteProtocolError):
                for piece in answer.iter_text():
                    text.append(piece)
            return answer.status_code, "".join(text)


def said(dialect, text):
    """The text of a stream."""
    return "".join(dialect.delta(event) for event in events(text))

"""A provider of text completions, speech and transcription, in OpenAI's format."""

import email.parser
import email.policy
import json
import socket
import time

from .fake import Fake, QuietHandler

SOUND = [b"ID3\x03\x00", bytes(range(256)) * 64, b"\xff\xfb\x90\x00" * 5000]
TEXTS = ["Hel", "lo", " there"]


def form(content_type, body):
    """The parts of a form by name: its texts, and of a file its name, type and bytes."""
    head = f"content-type: {content_type}\r\n\r\n".encode()
    message = email.parser.BytesParser(policy=email.policy.HTTP).parsebytes(head + body)
    parts = {}
    for part in message.iter_parts():
        name, file = (part.get_param(word, header="content-disposition") for word in ("name", "filename"))
        content = part.get_payload(decode=True)
        parts[name] = (file, part.get_content_type(), content) if file else content.decode()
    return parts


def completion(**choice):
    choice = {"index": 0, "logprobs": None, "finish_reason": None, **choice}
    return {"id": "cmpl-1", "object": "text_completion", "created": 1, "model": "served", "choices": [choice]}


class Handler(QuietHandler):
    def do_POST(self):
        body = self.body()
        self.server.heads.append(self.sent())
        kind = self.headers["content-type"]
        asked = form(kind, body) if kind.startswith("multipart/") else json.loads(body)
        self.server.asked.append((self.path, asked))
        getattr(self, self.path.rpartition("/")[2])(asked)

    def speech(self, asked):
        if asked["input"] == "refuse":
            return self.answer("application/json", [b'{"error":{"message":"no such voice"}}'], status=400)
        pieces = SOUND[:1] if asked["input"] == "break" else SOUND
        self.answer("audio/mpeg", pieces, whole=asked["input"] != "break")

    def transcriptions(self, asked):
        if asked.get("response_format") == "text":
            return self.answer("text/plain", [b"hello world\n"])
        self.answer("application/json", [json.dumps({"text": "hello world", "duration": 1.5}).encode()])

    def completions(self, asked):
        usage = {"prompt_tokens": 4, "completion_tokens": 3, "total_tokens": 7}
        if not asked.get("stream"):
            answer = {**completion(text="".join(TEXTS), finish_reason="stop"), "usage": usage}
            return self.answer("application/json", [json.dumps(answer).encode()])
        chunks = [completion(text=text) for text in TEXTS] + [completion(text="", finish_reason="stop")]
        chunks.append({**completion(), "choices": [], "usage": usage})
        events = [f"data: {json.dumps(chunk)}\n\n".encode() for chunk in chunks]
        self.answer("text/event-stream", [*events, b"data: [DONE]\n\n"])

    def answer(self, kind, pieces, status=200, whole=True):
        self.send_response(status)
        self.send_header("content-type", kind)
        self.send_header("transfer-encoding", "chunked")
        self.end_headers()
        for piece in pieces:
            self.wfile.write(f"{len(piece):x}\r\n".encode() + piece + b"\r\n")
            self.wfile.flush()
        if whole:
            self.wfile.write(b"0\r\n\r\n")
        else:
            # What has come is on its way to the client by then.
            time.sleep(0.5)
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)


class Sounds(Fake):
    """Remembers what it was asked: path and body."""

    def __init__(self):
        super().__init__(Handler)
        self.server.asked, self.server.heads = [], []

    def last(self):
        return self.server.asked[-1]

    def head(self):
        return self.server.heads[-1]

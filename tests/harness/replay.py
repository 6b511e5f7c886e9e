"""A provider that answers as one was recorded: each recording has a path of its own."""

import base64
import json
import zlib

from .fake import Fake, QuietHandler


def pieces(response):
    """The recorded body, in the pieces it came in."""
    if "stream" in response:
        for piece in response["stream"]:
            yield base64.b64decode(piece["base64"]) if isinstance(piece, dict) else piece.encode()
    elif "body" in response:
        yield json.dumps(response["body"]).encode()
    else:
        yield response["body_text"].encode()


def compressed(parts):
    """The same as gzip, each piece readable as soon as it has come."""
    packer = zlib.compressobj(wbits=31)
    for part in parts:
        yield packer.compress(part) + packer.flush(zlib.Z_SYNC_FLUSH)
    yield packer.flush()


def kind(response):
    """The content type, which short recordings leave out."""
    if "stream" not in response:
        return "application/json"
    first = response["stream"][0]
    if isinstance(first, dict):
        return "application/vnd.amazon.eventstream"
    return "application/x-ndjson" if first.startswith("{") else "text/event-stream"


class Handler(QuietHandler):
    def do_POST(self):
        body = json.loads(self.body())
        # Vertex has its verbs behind a colon.
        recording = self.server.recordings[self.path.replace(":", "/").split("/")[1]]
        recording["sent"] = (self.path, self.sent(), body)
        response = recording["upstream_response"]
        self.send_response(response["status"])
        headers = {name.lower(): value for name, value in response.get("headers", {}).items()}
        for name, value in {"content-type": kind(response), **headers}.items():
            if name not in ("content-length", "transfer-encoding", "content-encoding"):
                self.send_header(name, value)
        parts = pieces(response)
        if recording.get("compressed"):
            self.send_header("content-encoding", "gzip")
            parts = compressed(parts)
        self.send_header("transfer-encoding", "chunked")
        self.end_headers()
        for piece in filter(None, parts):
            self.wfile.write(f"{len(piece):x}\r\n".encode() + piece + b"\r\n")
            self.wfile.flush()
        self.wfile.write(b"0\r\n\r\n")


class Replay(Fake):
    """Knows the recordings that were added."""

    def __init__(self):
        super().__init__(Handler)
        self.server.recordings = {}

    def add(self, recording):
        """Its base URL there."""
        name = f"r{len(self.server.recordings)}"
        self.server.recordings[name] = recording
        return f"{self.url}/{name}"

"""A provider that answers as one was recorded: each recording has a path of its own."""

import base64
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


def pieces(response):
    """The recorded body, in the pieces it came in."""
    if "stream" in response:
        for piece in response["stream"]:
            yield base64.b64decode(piece["base64"]) if isinstance(piece, dict) else piece.encode()
    elif "body" in response:
        yield json.dumps(response["body"]).encode()
    else:
        yield response["body_text"].encode()


def kind(response):
    """The content type, which short recordings leave out."""
    if "stream" not in response:
        return "application/json"
    first = response["stream"][0]
    if isinstance(first, dict):
        return "application/vnd.amazon.eventstream"
    return "application/x-ndjson" if first.startswith("{") else "text/event-stream"


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        length = int(self.headers["content-length"])
        body = json.loads(self.rfile.read(length))
        # Vertex has its verbs behind a colon.
        recording = self.server.recordings[self.path.replace(":", "/").split("/")[1]]
        recording["sent"] = (self.path, {name.lower(): value for name, value in self.headers.items()}, body)
        response = recording["upstream_response"]
        self.send_response(response["status"])
        headers = {name.lower(): value for name, value in response.get("headers", {}).items()}
        for name, value in {"content-type": kind(response), **headers}.items():
            if name not in ("content-length", "transfer-encoding", "content-encoding"):
                self.send_header(name, value)
        self.send_header("transfer-encoding", "chunked")
        self.end_headers()
        for piece in filter(None, pieces(response)):
            self.wfile.write(f"{len(piece):x}\r\n".encode() + piece + b"\r\n")
            self.wfile.flush()
        self.wfile.write(b"0\r\n\r\n")

    def log_message(self, *_):
        pass


class Replay:
    """Serves on a free loopback port until it is stopped."""

    def __init__(self):
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.recordings = {}
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    def add(self, recording):
        """Its base URL there."""
        name = f"r{len(self.server.recordings)}"
        self.server.recordings[name] = recording
        return f"http://127.0.0.1:{self.server.server_port}/{name}"

    def stop(self):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()

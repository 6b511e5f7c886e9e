"""A provider made of one request handler, for what the scripted one (tests/src) does not speak."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class QuietHandler(BaseHTTPRequestHandler):
    """Keeps connections, says nothing on the terminal."""

    protocol_version = "HTTP/1.1"

    def body(self):
        return self.rfile.read(int(self.headers["content-length"]))

    def sent(self):
        """The headers of the request, by lower-case name."""
        return {name.lower(): value for name, value in self.headers.items()}

    def log_message(self, *_):
        pass


class Fake:
    """Serves on a free loopback port until it is stopped."""

    def __init__(self, handler):
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    def stop(self):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()

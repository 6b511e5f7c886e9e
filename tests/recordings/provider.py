"""Every provider at once: answers as the case of the moment was recorded, and keeps what it was sent."""

import base64
import ssl
import subprocess
import threading
from http.server import ThreadingHTTPServer
from urllib.parse import urlsplit

from harness.fake import QuietHandler
from harness.replay import kind, pieces


class Recorded:
    """What is answered now, and what has been asked."""

    def __init__(self, tokens):
        self.case, self.sent, self.tokens = None, [], tokens
        self.lock = threading.Lock()

    def begin(self, case):
        self.case, self.sent = case, []

    def take(self, request):
        """The answer to a request; `None` cuts the connection."""
        with self.lock:
            if request["url"] in self.tokens:
                return self.tokens[request["url"]]
            self.sent.append(request)
            # Whoever waits for an answer gets the last of those that the recorder got by asking again.
            if exchanges := self.case.get("exchanges"):
                return exchanges[-1]["response"]
            response = self.case.get("upstream_response") or {}
            return response if "status" in response else None


class Handler(QuietHandler):
    def answer(self):
        scheme, port = self.server.scheme, self.server.server_port
        host = self.headers["host"].removesuffix(":443" if scheme == "https" else ":80")
        length = int(self.headers.get("content-length") or 0)
        body = self.chunks() if "chunked" in self.headers.get("transfer-encoding", "") else self.rfile.read(length)
        response = self.server.recorded.take(
            {
                "method": self.command,
                "url": f"{scheme}://{host}{self.path}",
                "headers": self.sent(),
                "body": base64.b64encode(body).decode(),
                "port": port,
            }
        )
        if response is None:
            self.close_connection = True
            return
        self.send_response(response["status"])
        headers = {name.lower(): value for name, value in (response.get("headers") or {}).items()}
        if any(part in response for part in ("stream", "body", "body_text")):
            headers.setdefault("content-type", kind(response))
        for name, value in headers.items():
            if name not in ("content-length", "transfer-encoding", "content-encoding"):
                self.send_header(name, value)
        self.send_header("transfer-encoding", "chunked")
        self.end_headers()
        whole = any(part in response for part in ("stream", "body", "body_text"))
        for piece in filter(None, pieces(response) if whole else []):
            self.wfile.write(f"{len(piece):x}\r\n".encode() + piece + b"\r\n")
        self.wfile.write(b"0\r\n\r\n")

    do_GET = do_POST = do_PUT = do_DELETE = answer

    def chunks(self):
        body = b""
        while size := int(self.rfile.readline(), 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return body


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256


def serve(recorded, places, folder):
    """Listens on every (scheme, port) of `places`. Gives the certificate authority's file."""
    hosts = sorted({host for _, host, _ in places})
    authority, chain = certificates(hosts, folder)
    for scheme, port in sorted({(scheme, port) for scheme, _, port in places}):
        server = Server(("127.0.0.1", port), Handler)
        server.scheme, server.recorded = scheme, recorded
        if scheme == "https":
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(chain)
            server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        threading.Thread(target=server.serve_forever, daemon=True).start()
    return authority


def certificates(hosts, folder):
    """An authority, and one certificate for all hosts."""
    run = lambda *words: subprocess.run(["openssl", *words], cwd=folder, check=True, capture_output=True)  # noqa: E731
    names = ",".join(f"DNS:{host}" for host in hosts)
    key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")
    (folder / "leaf.ext").write_text(f"subjectAltName={names}\n")
    run("req", "-x509", *key, "-days", "2", "-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=recordings")
    run("req", "-new", *key, "-keyout", "leaf.key", "-out", "leaf.csr", "-subj", "/CN=every provider")
    run(
        *("x509", "-req", "-days", "2", "-in", "leaf.csr", "-out", "leaf.pem", "-extfile", "leaf.ext"),
        *("-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial"),
    )
    chain = folder / "chain.pem"
    chain.write_text((folder / "leaf.key").read_text() + (folder / "leaf.pem").read_text())
    return folder / "ca.pem", chain


def place(url):
    """Scheme, host and port of an address."""
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port or (443 if parts.scheme == "https" else 80)


"""A Bedrock of one model: checks the signature of each request and answers as recorded, whole or as an event stream."""

import hashlib
import hmac
import json
import struct
import zlib
from urllib.parse import quote

from .fake import Fake, QuietHandler

ID, SECRET, TOKEN = "AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "temporary-session-token"
ANSWER = {
    "output": {"message": {"role": "assistant", "content": [{"text": "Hello there."}]}},
    "stopReason": "end_turn",
    "usage": {"inputTokens": 12, "outputTokens": 3, "totalTokens": 15},
}
EVENTS = [
    ("messageStart", {"role": "assistant"}),
    ("contentBlockDelta", {"contentBlockIndex": 0, "delta": {"text": "Hello "}}),
    ("contentBlockDelta", {"contentBlockIndex": 0, "delta": {"text": "there."}}),
    ("contentBlockStop", {"contentBlockIndex": 0}),
    ("messageStop", {"stopReason": "end_turn"}),
    ("metadata", {"usage": {"inputTokens": 12, "outputTokens": 3, "totalTokens": 15}}),
]


def frame(kind, payload):
    """One message of AWS's event stream: lengths, their CRC, headers, payload, the CRC of all."""
    names = {":event-type": kind, ":content-type": "application/json", ":message-type": "event"}
    headers = b"".join(
        struct.pack("!B", len(name)) + name.encode() + b"\x07" + struct.pack("!H", len(value)) + value.encode()
        for name, value in names.items()
    )
    body = json.dumps(payload).encode()
    prelude = struct.pack("!II", 16 + len(headers) + len(body), len(headers))
    message = prelude + struct.pack("!I", zlib.crc32(prelude)) + headers + body
    return message + struct.pack("!I", zlib.crc32(message))


def signature(method, path, headers, body, region, service, names):
    """AWS Signature Version 4, as its documentation computes it."""
    canonical = "\n".join(
        [
            method,
            # Each part of a path is encoded once more.
            quote(path, safe="/"),
            "",
            *(f"{name}:{' '.join(headers[name].split())}" for name in names),
            "",
            ";".join(names),
            hashlib.sha256(body).hexdigest(),
        ]
    )
    date = headers["x-amz-date"]
    scope = f"{date[:8]}/{region}/{service}/aws4_request"
    text = "\n".join(["AWS4-HMAC-SHA256", date, scope, hashlib.sha256(canonical.encode()).hexdigest()])
    key = ("AWS4" + SECRET).encode()
    for part in (date[:8], region, service, "aws4_request"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest(), scope


class Handler(QuietHandler):
    def do_POST(self):
        body, headers = self.body(), self.sent()
        self.server.requests.append((self.path, headers, json.loads(body)))
        fault = self.fault(headers, body)
        if fault:
            self.answer(403, "application/json", json.dumps({"message": fault}).encode())
        elif self.path.endswith("/converse-stream"):
            stream = b"".join(frame(*event) for event in EVENTS)
            self.answer(200, "application/vnd.amazon.eventstream", stream)
        else:
            self.answer(200, "application/json", json.dumps(ANSWER).encode())

    def fault(self, headers, body):
        """What is wrong with the signature; an API key needs none."""
        given = headers.get("authorization", "")
        if given == "Bearer bedrock-api-key":
            return None
        if not given.startswith("AWS4-HMAC-SHA256 "):
            return "Missing Authentication Token"
        fields = dict(field.strip().split("=", 1) for field in given.removeprefix("AWS4-HMAC-SHA256 ").split(","))
        names = fields["SignedHeaders"].split(";")
        expected, scope = signature("POST", self.path, headers, body, "eu-west-3", "bedrock", names)
        if fields["Credential"] != f"{ID}/{scope}":
            return f"wrong scope {fields['Credential']}"
        if headers.get("x-amz-security-token") != TOKEN or not {"host", "x-amz-date"} <= set(names):
            return "incomplete"
        return None if fields["Signature"] == expected else "The request signature we calculated does not match"

    def answer(self, status, kind, body):
        self.send_response(status)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


class Bedrock(Fake):
    """Keeps the requests it got: path, headers, body."""

    def __init__(self):
        super().__init__(Handler)
        self.server.requests = []

    @property
    def requests(self):
        return self.server.requests

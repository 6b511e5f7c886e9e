"""Oracle's generative AI, of one model: checks the signature of each request and answers it, whole or as a stream."""

import base64
import hashlib
import json
import subprocess
from email.utils import parsedate_to_datetime

from .fake import Fake, QuietHandler

NAMES = "date (request-target) host content-length content-type x-content-sha256"
OWNER = {"oci_tenancy": "ocid1.tenancy.t", "oci_user": "ocid1.user.u", "oci_fingerprint": "aa:bb"}
KEY_ID = "/".join(OWNER.values())
ANSWER = {
    "modelId": "m",
    "modelVersion": "1",
    "chatResponse": {
        "apiFormat": "GENERIC",
        "choices": [
            {
                "index": 0,
                "message": {"role": "ASSISTANT", "content": [{"type": "TEXT", "text": "Hello there."}]},
                "finishReason": "stop",
            }
        ],
        "usage": {"promptTokens": 12, "completionTokens": 3, "totalTokens": 15},
    },
}
EVENTS = [
    {"index": 0, "message": {"role": "ASSISTANT", "content": [{"type": "TEXT", "text": "Hello "}]}},
    {"index": 0, "message": {"role": "ASSISTANT", "content": [{"type": "TEXT", "text": "there."}]}},
    {"finishReason": "stop", "message": {"role": "ASSISTANT"}},
]


def run(*words, **options):
    return subprocess.run(["openssl", *map(str, words)], capture_output=True, check=True, **options).stdout


class Handler(QuietHandler):
    def do_POST(self):
        body, headers = self.body(), self.sent()
        self.server.requests.append((self.path, headers, json.loads(body)))
        fault = self.fault(headers, body)
        if fault:
            self.answer(401, "application/json", json.dumps({"code": "NotAuthenticated", "message": fault}).encode())
        elif json.loads(body).get("chatRequest", {}).get("isStream"):
            stream = "".join(f"data: {json.dumps(event)}\n\n" for event in EVENTS)
            self.answer(200, "text/event-stream", stream.encode())
        else:
            self.answer(200, "application/json", json.dumps(ANSWER).encode())

    def fault(self, headers, body):
        """What is wrong with the signature."""
        given = headers.get("authorization", "")
        if not given.startswith("Signature "):
            return "no signature"
        fields = dict(field.split("=", 1) for field in given.removeprefix("Signature ").split(","))
        fields = {name: value.strip('"') for name, value in fields.items()}
        if (fields["version"], fields["algorithm"], fields["headers"]) != ("1", "rsa-sha256", NAMES):
            return f"not as documented: {fields}"
        if fields["keyId"] != KEY_ID:
            return f"whose key is {fields['keyId']}?"
        if headers["x-content-sha256"] != base64.b64encode(hashlib.sha256(body).digest()).decode():
            return "the hash is another body's"
        parsedate_to_datetime(headers["date"])
        values = {**headers, "(request-target)": f"post {self.path}"}
        text = "\n".join(f"{name}: {values[name]}" for name in NAMES.split())
        signature = self.server.folder / "signature"
        signature.write_bytes(base64.b64decode(fields["signature"]))
        try:
            run("dgst", "-sha256", "-verify", self.server.folder / "public.pem", "-signature", signature, input=text.encode())
        except subprocess.CalledProcessError:
            return "the signature does not match"
        return None

    def answer(self, status, kind, body):
        self.send_response(status)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


class Oci(Fake):
    """Keeps the requests it got: path, headers, body. `key` is the private key it knows the other half of."""

    def __init__(self, folder):
        super().__init__(Handler)
        run("genrsa", "-out", folder / "private.pem", "2048")
        run("rsa", "-in", folder / "private.pem", "-pubout", "-out", folder / "public.pem")
        self.key = (folder / "private.pem").read_text()
        self.server.folder, self.server.requests = folder, []

    @property
    def requests(self):
        return self.server.requests

"""A vendor that issues tokens and takes nothing else: Google, Microsoft, IBM and GitHub in one, with a chat model."""

import base64
import json
import threading
import time
from urllib.parse import parse_qsl

from .fake import Fake, QuietHandler

SECRET = "a-secret-that-nobody-shows-7f1b"
GITHUB = "gho_a-login-that-nobody-shows"
CHAT = {
    "id": "chat-1",
    "object": "chat.completion",
    "created": 1,
    "model": "m",
    "choices": [{"index": 0, "message": {"role": "assistant", "content": "Hello there."}, "finish_reason": "stop"}],
    "usage": {"prompt_tokens": 12, "completion_tokens": 3, "total_tokens": 15},
}
GEMINI = {
    "candidates": [{"content": {"role": "model", "parts": [{"text": "Hello there."}]}, "finishReason": "STOP"}],
    "usageMetadata": {"promptTokenCount": 12, "candidatesTokenCount": 3, "totalTokenCount": 15},
}


def google(form):
    """A service account's signed statement. (That the signature is right is for the unit tests.)"""
    header, claims, _ = (part + "=" * (-len(part) % 4) for part in form["assertion"].split("."))
    claims = json.loads(base64.urlsafe_b64decode(claims))
    assert json.loads(base64.urlsafe_b64decode(header))["alg"] == "RS256"
    return claims["iss"] == "me@project.test" and claims["exp"] - claims["iat"] == 3600


def entra(form):
    return (form["client_id"], form["client_secret"], form["scope"]) == (
        "client",
        SECRET,
        "https://cognitiveservices.azure.com/.default",
    )


def ibm(form):
    return form["apikey"] == SECRET


ISSUERS = {"/google": google, "/tenant/oauth2/v2.0/token": entra, "/ibm": ibm}


class Handler(QuietHandler):
    def do_POST(self):
        body, cloud = self.body(), self.server.cloud
        issuer = ISSUERS.get(self.path)
        if self.path in cloud.logins:
            status, answer = 200, cloud.logins[self.path].pop(0)
        elif issuer:
            status, answer = cloud.issue(issuer, dict(parse_qsl(body.decode())))
        else:
            status, answer = cloud.serve(self.path, self.sent())
        self.answer(status, answer)

    def do_GET(self):
        """GitHub's token for Copilot's."""
        cloud = self.server.cloud
        good = self.headers["authorization"] == f"token {GITHUB}"
        status, answer = cloud.issue(lambda _: good, {})
        self.answer(status, {"token": answer.get("access_token"), "expires_at": int(time.time() + cloud.life)})

    def answer(self, status, answer):
        answer = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)


class Cloud(Fake):
    """Issues tokens of `life` seconds, or none while it is `down`; keeps what its models were asked."""

    def __init__(self):
        super().__init__(Handler)
        self.server.cloud = self
        self.life, self.down, self.hangs = 3600, False, threading.Event()
        self.hangs.set()
        self.issued, self.requests = {}, []
        code = {"device_code": "d1", "user_code": "AB-12", "verification_uri": "https://github.test/device"}
        polls = [{"error": "authorization_pending"}, {"access_token": GITHUB}]
        self.logins = {"/device": [{**code, "interval": 0, "expires_in": 60}], "/login": polls}

    def issue(self, issuer, form):
        self.hangs.wait(30)
        if self.down:
            return 503, {"error": "temporarily_unavailable", "error_description": f"not now, {SECRET}"}
        if not issuer(form):
            return 401, {"error": "invalid_client"}
        token = f"issued-{len(self.issued) + 1}-{id(self)}"
        self.issued[token] = time.time() + self.life
        return 200, {"access_token": token, "expires_in": self.life, "token_type": "Bearer"}

    def serve(self, path, headers):
        token = headers.get("authorization", "").removeprefix("Bearer ")
        self.requests.append((path, headers, token))
        if time.time() >= self.issued.get(token, 0):
            return 401, {"error": {"message": "no valid token", "code": 401, "status": "UNAUTHENTICATED"}}
        return 200, GEMINI if "generateContent" in path else CHAT

    def stop(self):
        self.hangs.set()
        super().stop()

"""Replays the recordings through real Envoy and writes what came out: `python -m recordings --help`."""

import argparse
import base64
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import httpx

from harness.gateway import ADMIN_KEY, ControlPlane, Envoy
from harness.process import stop_all

from . import cases, namespace, provider

# Who issues tokens, and the token that was recorded.
TOKENS = {
    "https://api.github.com/copilot_internal/v2/token": {"token": "ghc-token", "expires_at": 4_000_000_000},
    "https://iam.cloud.ibm.com/identity/token": {"access_token": "iam-token", "expires_in": 3600},
    "https://sap-auth.example/oauth/token": {"access_token": "oauth-token", "expires_in": 3600},
    "https://oauth2.googleapis.com/token": {"access_token": "vertex-token", "expires_in": 3600},
}
# What the recorder's images and documents held.
PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
PDF = (
    "JVBERi0xLjEKMSAwIG9iajw8L1R5cGUvQ2F0YWxvZy9QYWdlcyAyIDAgUj4+ZW5kb2JqCjIgMCBvYmo8PC9UeXBlL1BhZ2VzL0tpZHNbXS9D"
    "b3VudCAwPj5lbmRvYmoKdHJhaWxlcjw8L1Jvb3QgMSAwIFI+PgolJUVPRgo="
)
MEDIA = {
    "https://example.com/cat.png": ("image/png", PNG),
    "https://example.com/cat.jpg": ("image/jpeg", PNG),
    "https://example.com/doc.pdf": ("application/pdf", PDF),
}


def main():
    options = argparse.ArgumentParser(prog="recordings", description=__doc__)
    options.add_argument("--oracle", required=True, help="the folder of provider/operation.json")
    options.add_argument("--only", default="", help="a part of the ids wanted")
    options.add_argument("--out", required=True, help="the file of what came out, a line of JSON for each case")
    namespace.enter(sys.argv[1:])
    given = options.parse_args()
    try:
        with tempfile.TemporaryDirectory() as folder, open(given.out, "w") as out:
            replay(given, Path(folder), out)
    finally:
        stop_all()


def replay(given, folder, out):
    namespace.furnish(folder)
    known = list(cases.load(given.oracle, given.only))
    key = subprocess.run(["openssl", "genrsa", "2048"], capture_output=True, text=True, check=True).stdout
    models = cases.Models(key)
    asked = [(case, cases.request(case, models, ADMIN_KEY)) for case in known]
    urls = {case["upstream_request"]["url"] for case in known if case.get("upstream_request")}
    answers = {url: {"status": 200, "body": body} for url, body in TOKENS.items()}
    for url, (kind, data) in MEDIA.items():
        answers[url] = {"status": 200, "headers": {"content-type": kind}, "stream": [{"base64": data}]}
    urls |= answers.keys()
    recorded = provider.Recorded(answers)
    authority = provider.serve(recorded, {provider.place(url) for url in urls}, folder)
    arguments = ["--upstream-ca", str(authority), "--fetch-allow", "127.0.0.0/8"]
    plane = ControlPlane(folder, arguments=arguments, env={"SSL_CERT_FILE": str(authority)})
    with httpx.Client(base_url=plane.url, headers={"authorization": f"Bearer {ADMIN_KEY}"}) as admin:
        for model in models.list:
            answer = admin.post("/model/new", json=model)
            if answer.is_error:
                print(model["litellm_params"]["model"], answer.text, file=sys.stderr)
    envoy = Envoy(plane, concurrency=1)
    with httpx.Client(base_url=envoy.url, timeout=20) as client:
        for case, request in asked:
            print(json.dumps(one(client, recorded, case, request)), file=out)
    print((folder / "control-plane.log").read_text()[-3000:], file=sys.stderr)


def one(client, recorded, case, request):
    recorded.begin(case)
    method, path, more = request
    try:
        answer = client.request(method, path, **more)
        body = base64.b64encode(answer.content).decode()
        kind = answer.headers.get("content-type", "")
        came = {"status": answer.status_code, "content_type": kind, "body": body}
    except httpx.HTTPError as error:
        came = {"failed": repr(error)}
    return {"id": case["id"], "sent": recorded.sent, **came}


main()

"""Replays the recordings through real Envoy and writes what came out: `python -m recordings --help`."""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import httpx

from harness.gateway import ADMIN_KEY, ControlPlane, Envoy
from harness.process import stop_all

from . import cases, namespace, provider

TOKENS = {
    "https://iam.cloud.ibm.com/identity/token": {"access_token": "iam-token", "expires_in": 3600},
    "https://sap-auth.example/oauth/token": {"access_token": "oauth-token", "expires_in": 3600},
    "https://oauth2.googleapis.com/token": {"access_token": "vertex-token", "expires_in": 3600},
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
    urls = {case["upstream_request"]["url"] for case in known if case.get("upstream_request")} | TOKENS.keys()
    answers = {url: {"status": 200, "body": body} for url, body in TOKENS.items()}
    recorded = provider.Recorded(answers)
    authority = provider.serve(recorded, {provider.place(url) for url in urls}, folder)
    plane = ControlPlane(folder, arguments=["--upstream-ca", str(authority)])
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
        came = {"status": answer.status_code, "headers": dict(answer.headers), "body": answer.text}
    except httpx.HTTPError as error:
        came = {"failed": repr(error)}
    return {"id": case["id"], "sent": recorded.sent, **came}


main()

"""Images and documents that a client names by their address, for providers that do not fetch them."""

import base64

import pytest

from harness.bedrock import ID, SECRET, TOKEN, Bedrock
from harness.fake import Fake, QuietHandler

KEYS = {"aws_access_key_id": ID, "aws_secret_access_key": SECRET, "aws_session_token": TOKEN}
MODEL = "bedrock/eu.amazon.nova-pro-v1:0"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(64)
LARGE = 3 << 20


class Handler(QuietHandler):
    def do_GET(self):
        self.server.paths.append(self.path)
        answers = {
            "/1.png": (200, "image/png", PNG),
            "/large.png": (200, "image/png", bytes(LARGE)),
            "/huge.png": (200, "image/png", bytes(21 << 20)),
            "/page": (200, "application/json", b"{}"),
            "/inside": (302, "http://169.254.169.254/latest/meta-data/", b""),
        }
        status, kind, body = answers.get(self.path, (404, "text/plain", b"no"))
        self.send_response(status)
        self.send_header("location" if status == 302 else "content-type", kind)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@pytest.fixture(scope="module")
def site():
    server = Fake(Handler)
    server.server.paths = []
    yield server
    server.stop()


@pytest.fixture(scope="module")
def bedrock():
    server = Bedrock()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def model(gateway, bedrock):
    return gateway.model({"model": MODEL, "api_base": bedrock.url, "aws_region_name": "eu-west-3", "api_key": None, **KEYS})


def ask(gateway, http, key, model, url):
    content = [{"type": "text", "text": "What is it?"}, {"type": "image_url", "image_url": {"url": url}}]
    body = {"model": str(model), "messages": [{"role": "user", "content": content}]}
    return http.post(gateway.url + "/v1/chat/completions", json=body, headers={"x-api-key": key})


@pytest.mark.parametrize("path, size", [("/1.png", len(PNG)), ("/large.png", LARGE)], ids=["small", "large"])
def test_an_image_reaches_a_provider_that_takes_no_addresses(gateway, http, key, model, bedrock, site, path, size):
    answer = ask(gateway, http, key, model, site.url + path)
    assert answer.status_code == 200, answer.text
    image = bedrock.requests[-1][2]["messages"][0]["content"][1]["image"]
    assert image["format"] == "png" and len(base64.b64decode(image["source"]["bytes"])) == size


def test_clients_of_anthropics_api_may_name_an_image_too(gateway, anthropic_client, model, bedrock, site):
    source = {"type": "url", "url": site.url + "/1.png"}
    content = [{"type": "image", "source": source}, {"type": "text", "text": "What is it?"}]
    anthropic_client.messages.create(model=str(model), max_tokens=9, messages=[{"role": "user", "content": content}])
    image = bedrock.requests[-1][2]["messages"][0]["content"][0]["image"]
    assert base64.b64decode(image["source"]["bytes"]) == PNG


@pytest.mark.parametrize(
    "url, why",
    [
        ("{site}/gone.png", "404"),
        ("{site}/huge.png", "larger than 20 MiB"),
        ("{site}/page", "type"),
        ("{site}/inside", "not on the public internet"),
        ("http://169.254.169.254/latest/meta-data/", "not on the public internet"),
        ("http://10.0.0.1/1.png", "not on the public internet"),
        ("http://[::ffff:10.0.0.1]/1.png", "not on the public internet"),
    ],
)
def test_what_is_not_fetched_is_a_400_that_says_why(gateway, http, key, model, bedrock, site, url, why):
    before = len(bedrock.requests)
    answer = ask(gateway, http, key, model, url.format(site=site.url))
    assert answer.status_code == 400 and why in answer.json()["error"]["message"], answer.text
    assert len(bedrock.requests) == before


def test_a_provider_that_fetches_by_itself_is_left_to_it(gateway, http, key, site):
    model, before = gateway.model("openai/gpt"), len(site.server.paths)
    assert ask(gateway, http, key, model, site.url + "/1.png").status_code == 200
    assert len(site.server.paths) == before

"""What a client can get wrong: a clear error in its own dialect, and nothing goes to the provider."""

import json
import socket

import pytest

from harness.dialects import BOTH, NAMES, OpenAI

pytestmark = pytest.mark.parametrize("dialect", BOTH, ids=NAMES)


@pytest.fixture
def model(gateway):
    made = gateway.model("openai/gpt")
    yield made
    assert made.stats()["requests"] == 0, "the provider was asked"


def post(gateway, http, key, dialect, content, **headers):
    given = {"authorization": f"Bearer {key}", "content-type": "application/json", **headers}
    return http.post(gateway.url + dialect.path, content=content, headers=given)


def broken(model, dialect):
    """Bodies that are no request, by what is wrong with them."""
    good = json.dumps(dialect.body(model))
    deep = good[:-1] + ', "metadata": ' + "[" * 200 + "]" * 200 + "}"
    return {
        "nothing": b"",
        "blank": b"  \n ",
        "no JSON": b"hello",
        "broken off": good[:-1].encode(),
        "two values": (good + good).encode(),
        "an array": b"[]",
        "a string": b'"hello"',
        "nested 200 deep": deep.encode(),
        "invalid UTF-8": good.replace("Hello", "\xff\xfe").encode("latin-1"),
        "a lone surrogate": good.replace("Hello", "\\ud800").encode(),
        "model missing": json.dumps({"messages": []}).encode(),
        "model no string": good.replace(f'"{model}"', "7").encode(),
        "messages missing": json.dumps({"model": str(model)}).encode(),
        "messages no list": json.dumps({"model": str(model), "messages": "Hello"}).encode(),
        "model twice": (good[:-1] + f', "model": "{model}"}}').encode(),
        "NaN": good.replace('"Hello"', "NaN").encode(),
    }


@pytest.mark.parametrize("fault", list(broken("m", OpenAI)))
def test_a_body_that_is_no_request(gateway, http, key, dialect, model, fault):
    answer = post(gateway, http, key, dialect, broken(model, dialect)[fault])
    assert answer.status_code in (400, 422), answer.text
    dialect.check_error(answer.json())
    assert answer.headers["content-type"].startswith("application/json")
    assert len(answer.headers["x-tianji-call-id"]) == 36


def test_an_unknown_model(gateway, http, key, dialect, model):
    answer = post(gateway, http, key, dialect, json.dumps(dialect.body("no-such-model")))
    assert answer.status_code in (400, 404)
    dialect.check_error(answer.json())
    assert "no-such-model" in answer.text


@pytest.mark.parametrize("name", ["x\r\nx-injected: 1", "x\ny", "x\0y", "x" * 10_000, "../../admin", "é天", ""])
def test_a_model_name_cannot_become_anything_else(gateway, http, key, dialect, model, name):
    answer = post(gateway, http, key, dialect, json.dumps(dialect.body(name)))
    assert answer.status_code in (400, 404), answer.text
    dialect.check_error(answer.json())
    assert "x-injected" not in answer.headers


def test_a_body_of_60_mb_is_too_large(gateway, http, key, dialect, model):
    body = json.dumps(dialect.body(model, text="x" * 60_000_000))
    answer = post(gateway, http, key, dialect, body)
    assert answer.status_code == 413
    dialect.check_error(answer.json())


def test_a_body_of_20_mb_is_not(gateway, http, key, dialect):
    large = gateway.model("openai/gpt")
    answer = post(gateway, http, key, dialect, json.dumps(dialect.body(large, text="x" * 20_000_000)))
    assert answer.status_code == 200, answer.text[:300]


def test_the_wrong_method(gateway, http, key, dialect, model):
    answer = http.get(gateway.url + dialect.path, headers={"authorization": f"Bearer {key}"})
    assert answer.status_code == 405 and answer.headers["allow"] == "POST"


def raw(gateway, head, body=b""):
    """Sends bytes as they are; gives the status and the rest of the answer."""
    with socket.create_connection(("127.0.0.1", gateway.envoy.port), timeout=10) as s:
        s.sendall(head.replace("\n", "\r\n").encode("latin-1") + body)
        answer = b""
        while chunk := s.recv(65536):
            answer += chunk
    return int(answer.split(b" ", 2)[1]), answer


def head(dialect, key, body, path=None, extra=""):
    return (
        f"POST {path or dialect.path} HTTP/1.1\nhost: localhost\nauthorization: Bearer {key}\n"
        f"content-type: application/json\ncontent-length: {len(body)}\nconnection: close\n{extra}\n"
    )


@pytest.mark.parametrize(
    "extra",
    ["authorization: Bearer sk-other\n", "x-api-key: sk-other\n", "content-length: 5\n", "host: evil.example\n"],
    ids=["authorization", "x-api-key", "content-length", "host"],
)
def test_headers_sent_twice_let_nobody_in(gateway, key, dialect, extra):
    """Two credentials that differ, two lengths, two hosts: refused, or read as the first alone; never a confusion."""
    other = gateway.model("openai/gpt")
    body = json.dumps(dialect.body(other)).encode()
    status, _ = raw(gateway, head(dialect, "sk-wrong", body, extra=extra), body)
    assert status in (400, 401), "a wrong key was let in"
    assert other.stats()["requests"] == 0


@pytest.mark.parametrize("path", ["//v1{}", "/v1/.{}", "/v1/x/..{}", "/v1/%2e{}", "/v1/x/%2e%2e{}", "/v1//{}", "/V1{}", "/v1%2f..{}"])
def test_a_path_written_otherwise_needs_a_key_all_the_same(gateway, dialect, path):
    other = gateway.model("openai/gpt")
    body = json.dumps(dialect.body(other)).encode()
    tail = dialect.path.removeprefix("/v1")
    status, _ = raw(gateway, head(dialect, "sk-wrong", body, path=path.format(tail)), body)
    assert status in (400, 401, 403, 404, 405, 307), status
    assert other.stats()["requests"] == 0


@pytest.mark.parametrize("path", ["/v1{};a=b", "/v1{}%00", "/v1{}%2fx", "/key/generate;{}", "/v1/..%2fkey/generate{}"])
def test_a_path_with_tricks_reaches_nothing(gateway, key, dialect, path):
    other = gateway.model("openai/gpt")
    body = json.dumps(dialect.body(other)).encode()
    tail = dialect.path.removeprefix("/v1")
    status, answer = raw(gateway, head(dialect, key, body, path=path.format(tail)), body)
    assert 300 <= status < 500, answer[:300]
    assert other.stats()["requests"] == 0


def test_a_foreign_host_header_changes_nothing(gateway, http, key, dialect):
    other = gateway.model("openai/gpt")
    answer = post(gateway, http, key, dialect, json.dumps(dialect.body(other)), host="169.254.169.254")
    assert answer.status_code == 200
    assert other.last()["headers"]["host"] == f"127.0.0.1:{gateway.upstream.port}"


def test_a_header_with_a_line_break_is_refused(gateway, key, dialect, model):
    body = json.dumps(dialect.body(model)).encode()
    status, _ = raw(gateway, head(dialect, key, body, extra="x-a: b\0c\n"), body)
    assert status == 400


def test_a_slow_client_holds_up_nobody(gateway, http, key, dialect):
    """A head that never ends does not keep others from being served."""
    other = gateway.model("openai/gpt")
    slow = [socket.create_connection(("127.0.0.1", gateway.envoy.port)) for _ in range(50)]
    try:
        for one in slow:
            one.sendall(b"POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nx-slow:")
        answer = post(gateway, http, key, dialect, json.dumps(dialect.body(other)))
        assert answer.status_code == 200
    finally:
        for one in slow:
            one.close()

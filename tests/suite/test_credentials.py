"""Who may pass, and what is never shown to whom."""

import pytest

from harness.gateway import ADMIN_KEY
from harness.dialects import BOTH, NAMES, Anthropic, OpenAI
from harness.upstream import PROVIDER_KEY
from harness.wait import until

# Everything a provider may see of an exchange.
SENT = {
    "openai": {"host", "content-type", "content-length", "accept", "authorization", "user-agent"},
    "anthropic": {"host", "content-type", "content-length", "accept", "x-api-key", "anthropic-version", "user-agent"},
}


@pytest.mark.parametrize("dialect", BOTH, ids=NAMES)
@pytest.mark.parametrize(
    "header",
    [("authorization", "Bearer {}"), ("authorization", "bearer {}"), ("x-api-key", "{}"), ("api-key", "{}")],
    ids=lambda header: header[1].replace(" {}", "").replace("{}", header[0]),
)
def test_a_key_is_taken_from_each_of_its_headers(gateway, http, key, dialect, header):
    model = gateway.model("openai/gpt")
    name, form = header
    answer = http.post(gateway.url + dialect.path, json=dialect.body(model), headers={name: form.format(key)})
    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize("dialect", BOTH, ids=NAMES)
@pytest.mark.parametrize("headers", [{}, {"authorization": "Bearer"}, {"authorization": "Bearer sk-wrong"}, {"x-api-key": "sk-wrong"}])
def test_without_a_good_key_nobody_passes(gateway, http, upstream, dialect, headers):
    model = gateway.model("openai/gpt")
    answer = http.post(gateway.url + dialect.path, json=dialect.body(model), headers=headers)
    assert answer.status_code == 401
    dialect.check_error(answer.json())
    assert model.stats()["requests"] == 0


def test_a_wrong_key_is_not_repeated_in_the_answer(gateway, http):
    wrong = "sk-this-was-mistyped-0123456789"
    answer = http.post(gateway.url + OpenAI.path, json=OpenAI.body("m"), headers={"authorization": f"Bearer {wrong}"})
    assert wrong not in answer.text


@pytest.mark.parametrize("dialect", BOTH, ids=NAMES)
@pytest.mark.parametrize("upstream_api", NAMES)
def test_a_provider_sees_its_own_key_and_no_header_of_ours_or_the_client_s(gateway, http, key, dialect, upstream_api):
    model = gateway.model(f"{upstream_api}/gpt")
    headers = {
        "authorization": f"Bearer {key}",
        "x-api-key": key,
        "api-key": key,
        "cookie": "session=1",
        "x-envoy-max-retries": "9",
        "x-envoy-upstream-rq-timeout-ms": "1",
        "x-forwarded-for": "203.0.113.9",
        "x-tianji-target": "deployment/other",
        "x-litellm-tags": "a",
        "forwarded": "for=203.0.113.9",
    }
    answer = http.post(gateway.url + dialect.path, json=dialect.body(model), headers=headers)
    assert answer.status_code == 200, answer.text
    request = model.last()
    assert set(request["headers"]) <= SENT[upstream_api], request["headers"]
    name = "authorization" if upstream_api == "openai" else "x-api-key"
    assert request["headers"][name] == (f"Bearer {PROVIDER_KEY}" if upstream_api == "openai" else PROVIDER_KEY)
    assert key not in str(request)
    assert request["headers"]["host"] == f"127.0.0.1:{gateway.upstream.port}"


def test_secrets_are_nowhere_to_be_read(gateway, http, key):
    """Not in Envoy's configuration, not in a log, not in the access log, not in an admin answer."""
    models = [gateway.model("openai/gpt"), gateway.model("anthropic/claude"), gateway.model("openai/gpt-500")]
    for model in models:
        for dialect in BOTH:
            http.post(gateway.url + dialect.path, json=dialect.body(model), headers={"x-api-key": key})
    gateway.settled(key, 6)
    until(lambda: len(gateway.envoy.records()) >= 6, 5, "the access log is written")
    places = {
        "Envoy's configuration": gateway.envoy.admin("/config_dump?include_eds").text,
        "Envoy's log": gateway.envoy.process.text(),
        "Envoy's access log": gateway.envoy.journal.read_text(),
        "the bootstrap": gateway.envoy.bootstrap.read_text(),
        "the control plane's log": gateway.control_plane.process.text(),
        "/model/info": gateway.admin("GET", "/model/info").text,
        "/spend/logs": gateway.admin("GET", "/spend/logs").text,
        "/key/list": gateway.admin("GET", "/key/list").text,
        "/health/readiness": gateway.admin("GET", "/health/readiness").text,
        "the database": "".join(
            file.read_bytes().decode("latin-1") for file in gateway.folder.glob("control-plane.db*")
        ),
    }
    for place, text in places.items():
        for what, secret in {"provider key": PROVIDER_KEY, "virtual key": key, "admin key": ADMIN_KEY}.items():
            assert secret not in text, f"a {what} stands in {place}"


def test_admin_paths_need_the_admin_key(gateway, key):
    for through in (False, True):
        for method, path in [("POST", "/key/generate"), ("GET", "/spend/logs"), ("POST", "/model/new"), ("GET", "/key/list")]:
            for wrong in (None, "sk-wrong", key):
                answer = gateway.admin(method, path, through_envoy=through, key=wrong, json={} if method == "POST" else None)
                assert answer.status_code in (401, 403), (path, wrong, answer.text)


def test_a_key_for_some_models_is_refused_the_others(gateway, http):
    allowed, other = gateway.model("openai/gpt"), gateway.model("openai/gpt")
    key = gateway.key(models=[str(allowed)])
    for dialect in BOTH:
        good = http.post(gateway.url + dialect.path, json=dialect.body(allowed), headers={"x-api-key": key})
        bad = http.post(gateway.url + dialect.path, json=dialect.body(other), headers={"x-api-key": key})
        assert good.status_code == 200 and bad.status_code in (401, 403)
        dialect.check_error(bad.json())
    assert other.stats()["requests"] == 0


def test_a_response_says_what_it_was(gateway, http, key):
    model = gateway.model("openai/gpt")
    for dialect in (OpenAI, Anthropic):
        for stream in (False, True):
            body = dialect.body(model, stream=stream)
            headers = http.post(gateway.url + dialect.path, json=body, headers={"x-api-key": key}).headers
            for prefix in ("x-tianji-", "x-litellm-"):
                assert len(headers[prefix + "call-id"]) == 36
                assert headers[prefix + "model-id"] == model.ids[0]
                assert headers[prefix + "attempted-retries"] == "0"
    limited = gateway.key(rpm_limit=50, tpm_limit=100_000, max_parallel_requests=7)
    headers = http.post(gateway.url + OpenAI.path, json=OpenAI.body(model), headers={"x-api-key": limited}).headers
    assert headers["x-litellm-key-rpm-limit"] == "50" and headers["x-litellm-key-tpm-limit"] == "100000"
    assert headers["x-tianji-key-max-parallel-requests"] == "7"
    assert float(headers["x-litellm-response-cost"]) >= 0

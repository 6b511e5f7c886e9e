"""Tokens that the control plane has issued: renewed while requests run, and never missing without a word."""

import threading
import time

import httpx
import pytest

from harness.cloud import GITHUB, SECRET, Cloud
from harness.dialects import OpenAI
from harness.paths import ROOT
from harness.wait import until

KEY = (ROOT / "control-plane/src/credentials/testing/key.pem").read_text()


@pytest.fixture
def cloud():
    server = Cloud()
    yield server
    server.stop()


def google(cloud):
    account = {"type": "service_account", "project_id": "p1", "client_email": "me@project.test", "private_key": KEY}
    credentials = {**account, "token_uri": cloud.url + "/google"}
    return {"model": "vertex_ai/gemini-2.5-pro", "api_base": cloud.url, "vertex_credentials": credentials}


def entra(cloud):
    application = {"tenant_id": "tenant", "client_id": "client", "client_secret": SECRET}
    token_url = cloud.url + "/tenant/oauth2/v2.0/token"
    return {"model": "azure/gpt-4o", "api_base": cloud.url, "token_url": token_url, **application}


def ibm(cloud):
    place = {"model": "watsonx/ibm/granite", "api_base": cloud.url, "project_id": "p1"}
    return {**place, "api_key": SECRET, "token_url": cloud.url + "/ibm"}


def offer(gateway, *deployments, **more):
    places = ({"api_key": None, **own} if isinstance(own, dict) else own for own in deployments)
    return gateway.model(*places, **more)


def ask(gateway, key, model):
    headers = {"authorization": f"Bearer {key}"}
    with httpx.Client(timeout=30) as client:
        return client.post(gateway.url + OpenAI.path, json=OpenAI.body(model), headers=headers)


def state(gateway, model):
    """What readiness says of a model's first credential."""
    states = gateway.ask("GET", "/health/readiness", key=None)["credentials"]
    return next((state for state in states if model.ids[0] in state["deployments"]), None)


def error(gateway, model):
    """Why its first deployment has no token, as administrators are told."""
    health = gateway.ask("GET", "/health")
    endpoints = health["healthy_endpoints"] + health["unhealthy_endpoints"]
    return next(one.get("error") for one in endpoints if one["model_id"] == model.ids[0])


def answers(gateway, key, model, status, within=10):
    until(lambda: ask(gateway, key, model).status_code == status, within, f"{model} answers {status}")


@pytest.mark.parametrize("vendor", [google, entra, ibm], ids=lambda vendor: vendor.__name__)
def test_a_request_has_the_token_that_was_issued_for_its_deployment(gateway, key, cloud, vendor):
    model = offer(gateway, vendor(cloud))
    answer = ask(gateway, key, model)
    assert answer.status_code == 200, answer.text
    assert answer.json()["choices"][0]["message"]["content"] == "Hello there."
    (path, headers, token) = cloud.requests[-1]
    assert [token] == list(cloud.issued) and not {"api-key", "x-api-key", "x-goog-api-key"} & set(headers)
    assert vendor is not google or "/projects/p1/" in path, "the project is the key's"
    assert state(gateway, model)["held"]


def test_equal_credentials_share_a_token(gateway, key, cloud):
    model = offer(gateway, ibm(cloud), {**ibm(cloud), "model": "watsonx/ibm/other"})
    answers(gateway, key, model, 200)
    assert len(cloud.issued) == 1 and len(state(gateway, model)["deployments"]) == 2


def test_a_token_is_renewed_while_requests_run(gateway, key, cloud):
    cloud.life = 3
    model = offer(gateway, entra(cloud))
    drained = gateway.envoy.stat("listener_manager.listener_modified")
    end, statuses = time.time() + 8, []

    def client():
        while time.time() < end:
            statuses.append(ask(gateway, key, model).status_code)

    clients = [threading.Thread(target=client) for _ in range(4)]
    for one in clients:
        one.start()
    for one in clients:
        one.join()
    used = {token for _, _, token in cloud.requests}
    assert set(statuses) == {200} and len(statuses) > 50
    assert len(used) >= 3 and used <= set(cloud.issued)
    assert gateway.envoy.stat("listener_manager.listener_modified") == drained


def test_without_a_token_nothing_is_sent_and_the_next_deployment_answers(gateway, key, cloud):
    cloud.down = True
    alone = offer(gateway, entra(cloud), wait=False)
    second = gateway.model("openai/gpt")
    pair = offer(gateway, entra(cloud), "openai/gpt", wait=False)
    answers(gateway, key, alone, 503)
    answers(gateway, key, pair, 200)
    answers(gateway, key, second, 200)
    message = ask(gateway, key, alone).json()["error"]["message"]
    assert "no valid credentials" in message and str(alone) in message
    assert ask(gateway, key, pair).headers["x-tianji-attempted-retries"] == "0"
    assert cloud.requests == [], "the provider is not even asked"
    why = error(gateway, alone)
    assert why.endswith("503: temporarily_unavailable: not now, ***") and not state(gateway, alone)["held"]
    log = gateway.control_plane.process.log.read_text()
    assert "no token was issued" in log and SECRET not in log
    readiness = gateway.admin("GET", "/health/readiness", key=None).text
    assert "temporarily_unavailable" not in readiness, "what an issuer says is for administrators"
    cloud.down = False
    answers(gateway, key, alone, 200, within=20)
    assert error(gateway, alone) is None


def test_a_token_that_cannot_be_renewed_is_used_to_its_end_and_not_beyond(gateway, key, cloud):
    cloud.life = 4
    model = offer(gateway, ibm(cloud), "openai/gpt")
    until(lambda: cloud.requests or ask(gateway, key, model) and None, 5, "the first deployment is used")
    cloud.down = True
    end = time.time() + 7
    while time.time() < end:
        answer = ask(gateway, key, model)
        assert answer.status_code == 200, answer.text
    assert not state(gateway, model)["held"]
    asked = len(cloud.requests)
    assert ask(gateway, key, model).status_code == 200 and len(cloud.requests) == asked
    cloud.down, cloud.life = False, 3600
    until(lambda: state(gateway, model)["held"], 20, "there is a token again")
    until(lambda: ask(gateway, key, model) and len(cloud.requests) > asked, 5, "the first deployment is used again")


def test_an_issuer_that_does_not_answer_holds_nobody_up(gateway, key, cloud):
    cloud.hangs.clear()
    waiting = offer(gateway, ibm(cloud), wait=False)
    other = gateway.model("openai/gpt", wait=False)
    answers(gateway, key, other, 200, within=6)
    answers(gateway, key, waiting, 503, within=6)
    cloud.hangs.set()
    answers(gateway, key, waiting, 200, within=6)


def test_a_control_plane_that_comes_back_takes_no_deployment_away(start_gateway, cloud):
    gateway = start_gateway()
    key, model = gateway.key(), offer(gateway, entra(cloud))
    assert ask(gateway, key, model).status_code == 200
    gateway.control_plane.kill()
    statuses, end = set(), threading.Event()

    def client():
        while not end.is_set():
            statuses.add(ask(gateway, key, model).status_code)

    running = threading.Thread(target=client)
    running.start()
    gateway.control_plane.start()
    until(lambda: len(cloud.issued) == 2, 10, "a new token was issued")
    until(lambda: cloud.requests[-1][2] == list(cloud.issued)[1], 10, "the new token is used")
    end.set()
    running.join()
    assert statuses == {200}


def test_a_login_is_found_by_a_gateway_that_runs(start_gateway, cloud):
    places = {"API_BASE": "", "API_KEY_URL": "/copilot", "DEVICE_CODE_URL": "/device", "ACCESS_TOKEN_URL": "/login"}
    env = {f"GITHUB_COPILOT_{name}": cloud.url + path for name, path in places.items()}
    gateway = start_gateway(env={**env, "GITHUB_COPILOT_TOKEN_DIR": "nowhere"})
    key = gateway.key()
    model = offer(gateway, {"model": "github_copilot/gpt-4o", "api_base": None}, wait=False)
    answers(gateway, key, model, 503)
    assert "tianji login github-copilot" in error(gateway, model)
    said = gateway.control_plane.run("login", "github-copilot", *gateway.control_plane.truth())
    assert "https://github.test/device" in said and "AB-12" in said and "Logged in" in said
    answers(gateway, key, model, 200, within=30)
    kept = (gateway.folder / "github-copilot.login").read_text()
    assert GITHUB not in kept and GITHUB not in said


def test_what_tokens_are_made_of_is_shown_nowhere(gateway, key, cloud):
    models = [offer(gateway, vendor(cloud)) for vendor in (google, entra, ibm)]
    for model in models:
        assert ask(gateway, key, model).status_code == 200
    shown = {
        "Envoy's configuration": gateway.envoy.admin("/config_dump?include_eds").text,
        "the models": gateway.admin("GET", "/model/info").text,
        "readiness": gateway.admin("GET", "/health/readiness").text,
        "the control plane's log": gateway.control_plane.process.log.read_text(),
        "Envoy's log": gateway.envoy.process.log.read_text(),
        "the journal": gateway.envoy.journal.read_text(),
    }
    secrets = [SECRET, KEY.splitlines()[5], *cloud.issued]
    for where, text in shown.items():
        assert not [secret for secret in secrets if secret in text], where

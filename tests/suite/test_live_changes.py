"""Changes of models and keys while requests run: soon in force, and nobody is cut off."""

import socket
import threading
import time

import httpx
import pytest

from harness.dialects import OpenAI, said
from harness.gateway import Envoy, unique
from harness.wait import until


def ask(gateway, key, model, url=None, **more):
    headers = {"authorization": f"Bearer {key}"}
    return gateway.http.post((url or gateway.url) + OpenAI.path, json=OpenAI.body(model, **more), headers=headers)


def everywhere(gateway, key, model, wanted, within, what):
    """Until a request on each of many new connections (and so on every worker) gets the status wanted."""

    def all_of_them():
        found = set()
        for envoy in gateway.envoys:
            for _ in range(4 * envoy.concurrency):
                with httpx.Client() as client:
                    headers = {"authorization": f"Bearer {key}"}
                    found.add(client.post(envoy.url + OpenAI.path, json=OpenAI.body(model), headers=headers).status_code)
        assert found <= set(wanted), found
        return True

    until(all_of_them, within, what)


def test_a_model_is_live_within_a_second_and_an_open_stream_survives(gateway, key):
    slow = gateway.model("openai/gpt-n60-p50")
    drained = gateway.envoy.stat("listener_manager.listener_modified")
    text = []

    def stream():
        text.append(ask(gateway, key, slow, stream=True).text)

    running = threading.Thread(target=stream)
    running.start()
    until(lambda: slow.stats()["in_flight"] == 1, 5, "the stream is open")
    for _ in range(3):
        model = gateway.model("openai/gpt", wait=False)
        answered = time.monotonic()
        everywhere(gateway, key, model, [200], 1.0, "the model answers")
        assert time.monotonic() - answered < 1.5
        model.delete()
        everywhere(gateway, key, model, [400, 404], 1.0, "the model is gone")
    running.join()
    assert said(OpenAI, text[0]).count("token") > 50 and OpenAI.closed(text[0])
    assert gateway.envoy.stat("listener_manager.listener_modified") == drained
    assert gateway.envoy.stat("listener_manager.total_listeners_draining") == 0


def test_a_configuration_that_comes_back_is_in_force_and_records_flow_on(start_gateway):
    """An open stream keeps the filter's old configuration alive in Envoy. When the very same one is pushed again, Envoy
    takes that instance instead of configuring a new one: it must become the one that counts."""
    own = start_gateway()
    slow = own.model("openai/gpt-n400-p20")
    key = own.key()
    stop = threading.Event()

    def stream():
        body, headers = OpenAI.body(slow, stream=True), {"authorization": f"Bearer {key}"}
        with httpx.Client() as client, client.stream("POST", own.url + OpenAI.path, json=body, headers=headers) as answer:
            for _ in answer.iter_bytes():
                if stop.is_set():
                    return

    streams = [threading.Thread(target=stream) for _ in range(8)]
    for one in streams:
        one.start()
    try:
        until(lambda: slow.stats()["in_flight"] == 8, 5, "streams are open on every worker")
        for _ in range(3):
            model = own.model("openai/gpt")
            model.delete()
            everywhere(own, key, model, [400, 404], 2.0, "the model is gone")
        last, fresh = own.model("openai/gpt"), own.key()
        for _ in range(20):
            assert ask(own, fresh, last).status_code == 200
        last.delete()
        assert len(own.settled(fresh, 20, within=5)) == 20
    finally:
        stop.set()
        for one in streams:
            one.join()


def test_a_model_can_be_pointed_elsewhere(gateway, key):
    model = gateway.model("openai/gpt-echo")
    assert OpenAI.text(ask(gateway, key, model, text="before").json()) == "before"
    new = unique("gpt")
    params = {"model": f"anthropic/{new}", "api_base": gateway.upstream.url}
    gateway.ask("POST", "/model/update", json={"model_info": {"id": model.ids[0]}, "litellm_params": params})
    until(lambda: "fox" in OpenAI.text(ask(gateway, key, model).json()), 1.0, "the new deployment answers")
    assert gateway.upstream.last(new)["path"] == "/v1/messages"


def test_deployments_of_one_name_share_the_load(gateway, key):
    name = unique("m")
    models = [gateway.model("openai/gpt", name=name) for _ in range(3)]
    for _ in range(60):
        assert ask(gateway, key, name).status_code == 200
    counts = [model.stats()["requests"] for model in models]
    assert sum(counts) == 60 and min(counts) > 5, counts


@pytest.mark.parametrize("through_envoy", [True, False])
@pytest.mark.parametrize("how", ["block", "delete"])
def test_a_key_that_is_taken_away_is_refused_within_two_seconds(gateway, how, through_envoy):
    model = gateway.model("openai/gpt")
    key = gateway.key()
    everywhere(gateway, key, model, [200], 5, "the key is warm")
    if how == "block":
        gateway.ask("POST", "/key/block", json={"key": key}, through_envoy=through_envoy)
    else:
        gateway.ask("POST", "/key/delete", json={"keys": [key]}, through_envoy=through_envoy)
    everywhere(gateway, key, model, [401, 403], 2.0, f"{how} is in force")
    if how == "block":
        gateway.ask("POST", "/key/unblock", json={"key": key}, through_envoy=through_envoy)
        everywhere(gateway, key, model, [200], 2.0, "it is unblocked")


def test_a_key_s_new_limits_are_in_force_within_two_seconds(gateway):
    first, second = gateway.model("openai/gpt"), gateway.model("openai/gpt")
    key = gateway.key(models=[str(first)])
    everywhere(gateway, key, first, [200], 5, "the key is warm")
    everywhere(gateway, key, second, [401, 403], 5, "it has one model")
    gateway.ask("POST", "/key/update", json={"key": key, "models": [str(second)]})
    everywhere(gateway, key, second, [200], 2.0, "it has the other model")
    everywhere(gateway, key, first, [401, 403], 2.0, "and no longer the first")
    gateway.ask("POST", "/key/update", json={"key": key, "rpm_limit": 0})
    everywhere(gateway, key, second, [429], 2.0, "it may ask nothing any more")


def test_a_key_expires(gateway):
    model = gateway.model("openai/gpt")
    key = gateway.key(duration="3s")
    assert ask(gateway, key, model).status_code == 200
    everywhere(gateway, key, model, [401, 403], 8.0, "the key has expired")


def test_a_key_is_known_at_once(gateway):
    """No push is needed: the next request asks."""
    model = gateway.model("openai/gpt")
    for _ in range(20):
        assert ask(gateway, gateway.key(), model).status_code == 200


def test_envoy_serves_what_it_has_while_the_control_plane_is_down(start_gateway):
    own = start_gateway()
    model = own.model("openai/gpt")
    key = own.key()
    everywhere(own, key, model, [200], 5, "the key is warm")
    own.control_plane.kill()
    everywhere(own, key, model, [200], 1, "it is served")
    admin = own.admin("GET", "/key/list", through_envoy=True)
    assert admin.status_code in (502, 503)
    own.control_plane.start()
    later = own.model("openai/gpt", wait=False)
    everywhere(own, key, later, [200], 10, "Envoy has found the control plane again")


def test_what_an_envoy_refuses_is_seen_in_the_readiness(start_gateway):
    """An address that is taken makes Envoy refuse its listener (a NACK); the other Envoy is not concerned."""
    own = start_gateway()
    model, key = own.model("openai/gpt"), own.key()
    with socket.create_server(("127.0.0.1", 0)) as taken:
        second = Envoy(own.control_plane, "unlucky", port=taken.getsockname()[1], wait=False)
        own.envoys.append(second)

        def told():
            readiness = own.http.get(own.control_plane.url + "/health/readiness").json()
            unlucky = [envoy for envoy in readiness["envoys"] if envoy["node"] == "unlucky"]
            return unlucky and "cannot bind" in str(unlucky[0]["rejected"])

        until(told, 20, "the refusal is shown")
    assert "cannot bind" in own.control_plane.process.text(), "and logged"
    own.envoys.remove(second)
    second.stop()
    assert ask(own, key, model).status_code == 200
    assert ask(own, key, own.model("openai/gpt")).status_code == 200


def test_a_model_envoy_would_refuse_is_refused_before(gateway, key):
    """The control plane checks first: no bad api_base ever reaches Envoy."""
    for base in ("not a url", "ftp://example.com", "http://", "http://host:99999"):
        params = {"model": "openai/gpt", "api_base": base, "api_key": "k"}
        answer = gateway.admin("POST", "/model/new", json={"model_name": unique("m"), "litellm_params": params})
        assert 400 <= answer.status_code < 500, (base, answer.text)
    later = gateway.model("openai/gpt")
    assert ask(gateway, key, later).status_code == 200

"""Oracle's models through the gateway: signed by the control plane, translated both ways."""

import pytest

from harness.oci import OWNER, Oci

MODEL = "oci/meta.llama-3.3-70b-instruct"


@pytest.fixture(scope="module")
def oci(tmp_path_factory):
    server = Oci(tmp_path_factory.mktemp("oci"))
    yield server
    server.stop()


def place(oci, **own):
    """A deployment there."""
    params = {"model": MODEL, "api_base": oci.url, "oci_compartment_id": "ocid1.compartment.c", "api_key": None}
    return {**params, **OWNER, "oci_key": oci.key, **own}


def chat(openai_client, model, **more):
    messages = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hello"}]
    return openai_client.chat.completions.create(model=str(model), messages=messages, **more)


def test_a_request_is_signed_and_its_answer_translated(gateway, openai_client, oci):
    model = gateway.model(place(oci))
    answer = chat(openai_client, model)
    assert (answer.choices[0].message.content, answer.usage.total_tokens) == ("Hello there.", 15)
    path, headers, body = oci.requests[-1]
    assert path == "/20231130/actions/chat" and body["chatRequest"]["messages"][0]["role"] == "SYSTEM"
    assert not any("tianji" in header or header == "x-api-key" for header in headers)


def test_a_stream_is_signed_too(gateway, openai_client, oci):
    chunks = list(chat(openai_client, gateway.model(place(oci)), stream=True))
    text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
    assert text == "Hello there."


def test_a_large_request_waits_for_its_signature_whole(gateway, http, key, oci):
    text = "x" * (3 << 20)
    body = {"model": str(gateway.model(place(oci))), "messages": [{"role": "user", "content": text}]}
    answer = http.post(gateway.url + "/v1/chat/completions", json=body, headers={"x-api-key": key})
    assert answer.status_code == 200, answer.text
    assert oci.requests[-1][2]["chatRequest"]["messages"][0]["content"][0]["text"] == text


def test_a_second_attempt_is_signed_as_well(gateway, http, key, oci):
    model = gateway.model("openai/gpt-500", place(oci))
    body = {"model": str(model), "messages": [{"role": "user", "content": "Hello"}]}
    answer = http.post(gateway.url + "/v1/chat/completions", json=body, headers={"x-api-key": key})
    assert answer.status_code == 200 and answer.headers["x-tianji-attempted-retries"] == "1", answer.text
    assert answer.json()["choices"][0]["message"]["content"] == "Hello there."


def test_with_the_wrong_key_the_next_candidate_is_tried(gateway, http, key, oci, tmp_path):
    other = Oci(tmp_path)
    other.stop()
    model = gateway.model(place(oci, oci_key=other.key), "openai/gpt")
    body = {"model": str(model), "messages": [{"role": "user", "content": "Hello"}]}
    answer = http.post(gateway.url + "/v1/chat/completions", json=body, headers={"x-api-key": key})
    assert answer.status_code == 200 and answer.headers["x-tianji-attempted-retries"] == "1"


def test_without_a_signature_nothing_is_told_and_the_next_candidate_is_tried(start_gateway, http, oci):
    gateway = start_gateway()
    key, model, alone = gateway.key(), gateway.model(place(oci), "openai/gpt"), gateway.model(place(oci))

    def ask(model):
        body = {"model": str(model), "messages": [{"role": "user", "content": "a secret"}]}
        return http.post(gateway.url + "/v1/chat/completions", json=body, headers={"x-api-key": key})

    for _ in range(8):
        assert ask(model).status_code == 200
    gateway.control_plane.kill()
    before = len(oci.requests)
    answer = ask(model)
    assert answer.status_code == 200 and answer.headers["x-tianji-attempted-retries"] == "1", answer.text
    refused = ask(alone)
    assert refused.status_code == 503 and "signed" in refused.json()["error"]["message"]
    assert all("authorization" not in headers and body == {} for _, headers, body in oci.requests[before:])


def test_a_private_key_is_shown_nowhere(gateway, openai_client, oci):
    model = gateway.model(place(oci))
    chat(openai_client, model)
    line = oci.key.splitlines()[3]
    shown = {
        "Envoy's configuration": gateway.envoy.admin("/config_dump?include_eds").text,
        "the models": gateway.admin("GET", "/model/info").text,
        "the control plane's log": gateway.control_plane.process.log.read_text(),
        "Envoy's log": gateway.envoy.process.log.read_text(),
    }
    for where, text in shown.items():
        assert line not in text, where


def test_a_deployment_without_its_key_is_refused_with_its_fault(gateway, oci):
    params = {name: value for name, value in place(oci).items() if name not in ("oci_key", "api_key")}
    answer = gateway.admin("POST", "/model/new", json={"model_name": "no-key", "litellm_params": params})
    assert answer.status_code == 400 and "oci_key" in answer.text, answer.text

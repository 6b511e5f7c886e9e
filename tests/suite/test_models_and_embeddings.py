"""The models list and embeddings, by the SDKs and by hand."""

import openai
import pytest

from harness.gateway import unique


def test_the_list_has_what_a_key_may_use(gateway, http):
    allowed, other = gateway.model("openai/gpt"), gateway.model("openai/gpt")
    key = gateway.key(models=[str(allowed)])
    client = openai.OpenAI(base_url=gateway.url + "/v1", api_key=key, max_retries=0)
    assert [model.id for model in client.models.list()] == [str(allowed)]
    assert client.models.retrieve(str(allowed)).object == "model"
    with pytest.raises(openai.NotFoundError):
        client.models.retrieve(str(other))
    with pytest.raises(openai.NotFoundError):
        client.models.retrieve("no-such-model")


def test_a_model_s_name_may_have_slashes(gateway, openai_client):
    model = gateway.model("openai/gpt", name=unique("team/vendor/gpt"))
    assert openai_client.models.retrieve(str(model)).id == str(model)


@pytest.mark.parametrize("path", ["/v1/models", "/models"])
def test_paths_work_with_and_without_the_version(gateway, http, key, path):
    answer = http.get(gateway.url + path, headers={"authorization": f"Bearer {key}"})
    assert answer.status_code == 200 and answer.json()["object"] == "list"


@pytest.mark.parametrize("path", ["/chat/completions", "/messages", "/embeddings", "/messages/count_tokens"])
@pytest.mark.parametrize("version", ["", "/v1"])
def test_every_operation_is_served_with_and_without_the_version(gateway, http, key, path, version):
    model = gateway.model("openai/gpt")
    body = {"model": str(model), "max_tokens": 9, "messages": [{"role": "user", "content": "x"}], "input": "x"}
    answer = http.post(gateway.url + version + path, json=body, headers={"x-api-key": key})
    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize("texts", ["one", ["one", "two", "three"]])
def test_embeddings(gateway, openai_client, texts):
    """The SDK asks for base64 and gives floats."""
    model = gateway.model("openai/embedder-in5")
    answer = openai_client.embeddings.create(model=str(model), input=texts)
    count = 1 if isinstance(texts, str) else len(texts)
    assert [item.embedding for item in answer.data] == [[0.5, -0.25, 0.125]] * count
    assert answer.usage.prompt_tokens == 5
    assert model.last()["path"] == "/v1/embeddings" and model.last()["body"]["input"] == texts


def test_embeddings_are_in_the_ledger(gateway, openai_client, key):
    model = gateway.model("openai/embedder-in5")
    openai_client.embeddings.create(model=str(model), input="one")
    row = gateway.settled(key, 1)[0]
    assert (row["prompt_tokens"], row["completion_tokens"]) == (5, 0)

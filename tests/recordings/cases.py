"""The recorded cases, and the models they are about."""

import json
from pathlib import Path

# What the recorder's proxy called its models.
BEHIND_THE_PROXY = {
    "gpt-4o": "openai/gpt-4o",
    "claude": "anthropic/claude-sonnet-4-5-20250929",
    "gemini": "gemini/gemini-2.5-flash",
    "bedrock-nova": "bedrock/us.amazon.nova-pro-v1:0",
    "mistral": "mistral/mistral-large-latest",
    "instruct": "text-completion-openai/gpt-3.5-turbo-instruct",
    "emb": "openai/text-embedding-3-small",
    "dalle": "openai/dall-e-3",
    "rerank": "cohere/rerank-v3.5",
    "tts": "openai/tts-1",
    "whisper": "openai/whisper-1",
}
AWS = {"aws_access_key_id": "AKIAORACLEEXAMPLE", "aws_secret_access_key": "<key>", "aws_region_name": "us-east-1"}
PATHS = {
    "chat": "/v1/chat/completions",
    "completions": "/v1/completions",
    "embeddings": "/v1/embeddings",
    "images": "/v1/images/generations",
    "messages": "/v1/messages",
    "moderations": "/v1/moderations",
    "rerank": "/v1/rerank",
    "responses": "/v1/responses",
    "speech": "/v1/audio/speech",
    "transcriptions": "/v1/audio/transcriptions",
}


def load(root, only):
    """Every case with `only` in its id, but samples of costs."""
    for file in sorted(Path(root).glob("*/*.json")):
        if not file.parent.name == "_cost":
            yield from (case for case in json.loads(file.read_text()) if only in case["id"])


class Models:
    """A model for each different deployment."""

    def __init__(self, key):
        self.names, self.list, self.key = {}, [], key
        for name, model in BEHIND_THE_PROXY.items():
            self._add(name, {"model": model, **(AWS if model.startswith("bedrock/") else {"api_key": "<key>"})})

    def of(self, case):
        """The name of a case's model."""
        same = json.dumps(case["deployment"], sort_keys=True)
        if same not in self.names:
            self.names[same] = f"recorded-{len(self.names)}"
            self._add(self.names[same], self._credentials(case))
        return self.names[same]

    def _credentials(self, case):
        params = dict(case["deployment"])
        if "oci_key" in params:
            params["oci_key"] = self.key
        if "vertex_project" in params and "api_key" not in params:
            params["api_key"] = "vertex-token"
        return params

    def _add(self, name, params):
        self.list.append({"model_name": name, "litellm_params": params})


def request(case, models, admin_key):
    """Method, path, and what httpx wants beside them; `None` where nothing is asked over HTTP."""
    if asked := case.get("client_request"):
        headers = {name: value.replace("<master-key>", admin_key) for name, value in asked["headers"].items()}
        body = {"json": asked["body"]} if isinstance(asked.get("body"), (dict, list)) else {}
        if isinstance(asked.get("body"), str):
            body = {"content": asked["body"].encode()}
        return asked["method"], asked["path"], {"headers": headers, **body}
    path = PATHS.get(case["id"].split("/")[1])
    if path is None or path == PATHS["transcriptions"]:
        return None
    body = {**case["input"], "model": models.of(case)}
    return "POST", path, {"headers": {"authorization": f"Bearer {admin_key}"}, "json": body}

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
# By the name of a file of recordings.
PATHS = {
    "audio_speech": "/v1/audio/speech",
    "audio_transcriptions": "/v1/audio/transcriptions",
    "chat_completions": "/v1/chat/completions",
    "chat_litellm_params": "/v1/chat/completions",
    "completions": "/v1/completions",
    "embeddings": "/v1/embeddings",
    "images_generations": "/v1/images/generations",
    "messages": "/v1/messages",
    "moderations": "/v1/moderations",
    "rerank": "/v1/rerank",
    "responses": "/v1/responses",
}
# The recorder's master key, and the sound it sent.
RECORDED_KEYS = ("<master-key>", "sk-1234")
SOUND = ("a.wav", b"RIFF0000WAVEfmt ", "audio/wav")


def load(root, only):
    """Every case with `only` in its id, but samples of costs."""
    for file in sorted(Path(root).glob("*/*.json")):
        if file.parent.name != "_cost":
            known = (case for case in json.loads(file.read_text()) if only in case["id"])
            yield from ({**case, "operation": file.stem} for case in known)


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
        """The deployment's parameters, with what the recorder had in its environment."""
        params = dict(case["deployment"])
        provider = params["model"].partition("/")[0]
        if "oci_key" in params:
            params["oci_key"] = self.key
        if provider == "vertex_ai" and "api_key" not in params:
            account = {"type": "service_account", "client_email": "recorder@example.com", "private_key": self.key}
            params["vertex_credentials"] = json.dumps({**account, "token_uri": "https://oauth2.googleapis.com/token"})
        if provider == "github_copilot":
            params["api_key"] = "gho_recorded"
        if provider == "sap":
            own = {"client_id": "recorder", "client_secret": "recorded", "auth_url": "https://sap-auth.example/oauth/token"}
            params.update(own)
        url = (case.get("upstream_request") or {}).get("url", "")
        if provider == "sap" and "/inference/deployments/" in url:
            # LiteLLM looks up where a model runs.
            params["deployment_url"] = url.rpartition("/v2/")[0]
        return params

    def _add(self, name, params):
        self.list.append({"model_name": name, "litellm_params": params})


def request(case, models, admin_key):
    """Method, path, and what httpx wants beside them."""
    if asked := case.get("client_request"):
        return asked["method"], asked["path"], {"headers": headers(asked, admin_key), **body(asked)}
    asked = {**case["input"], "model": models.of(case)}
    sent = {"json": asked}
    if case["operation"] == "audio_transcriptions":
        sent = form(asked)
    return "POST", PATHS[case["operation"]], {"headers": {"authorization": f"Bearer {admin_key}"}, **sent}


def headers(asked, admin_key):
    """The recorded client's, with our key."""
    sent = {"content-type": "application/json"} if "raw_body" in asked else {}
    for name, value in asked["headers"].items():
        for key in RECORDED_KEYS:
            value = value.replace(key, admin_key)
        sent[name] = value
    return sent


def body(asked):
    if "raw_body" in asked:
        return {"content": asked["raw_body"].encode()}
    if "multipart" in asked:
        return form(asked["multipart"]["fields"])
    return {"json": asked["body"]} if "body" in asked else {}


def form(fields):
    """A form with the sound in it."""
    text = {name: value if isinstance(value, (str, list)) else json.dumps(value) for name, value in fields.items()}
    return {"data": text, "files": {"file": SOUND}}

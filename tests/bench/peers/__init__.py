"""Other gateways, for `make bench PEERS=1`: each installed from its registry into .tools/peers, with its smallest
sensible configuration: one worker, no database, logging of requests off.
"""

import json
import os
import shutil
import string
import subprocess
import sys
from pathlib import Path

import httpx

from bench.gateways import SCRIPTS, Direct
from harness import paths
from harness.process import Process, free_port
from harness.wait import until

HERE = Path(__file__).parent
TOOLS = paths.TOOLS / "peers"
KEY = "sk-bench-7f3c9a1e5d2b48c6a0e4f1b7d9c3a5e8"
# Their builds are for this one; it is what Debian 12 has.
INTERPRETER = shutil.which("python3.11") or sys.executable


class Peer(Direct):
    """One of them: what to install, how to start it."""

    packages = ()
    prefix = ""
    environment = {}
    starts_within = 60
    # They end their streams each in their own way.
    events = None

    def __init__(self, upstream, folder, cpus):
        self.home, self.folder, self.upstream = TOOLS / self.slug, folder, upstream
        self.model = self.prefix + "bench"
        self.port = free_port()
        self.install()
        self.headers = {"authorization": f"Bearer {KEY}", **self.more_headers()}
        command = self.command()
        self.process = Process(self.slug, command, folder / f"{self.slug}.log", env=self.environment, cpus=cpus)
        self.processes = {"gateway": self.process.pid}
        self.url = f"http://127.0.0.1:{self.port}"
        until(self._answers, within=self.starts_within, what=f"{self.name} answers")

    def install(self):
        """A virtual environment with its packages, once."""
        if (self.home / "ready").exists():
            return
        print(f"installing {', '.join(self.packages)} …", file=sys.stderr, flush=True)
        subprocess.run([INTERPRETER, "-m", "venv", self.home], check=True)
        subprocess.run([self.home / "bin/pip", "install", "--quiet", *self.packages], check=True)
        (self.home / "ready").touch()

    def more_headers(self):
        return {}

    def config(self, name):
        """A configuration of this folder with the provider's port, and for each script a model, filled in."""
        text = (HERE / name).read_text()
        head, mark, each = text.partition("# For each model:\n")
        models = "".join(string.Template(each).substitute(model="bench" + s, upstream=self.upstream.url) for s in SCRIPTS)
        file = self.folder / name
        file.write_text(head + mark + models)
        return file

    def _answers(self):
        self.process.check()
        body = {"model": self.model, "messages": [{"role": "user", "content": "Hello"}]}
        return httpx.post(self.url + self.path, json=body, headers=self.headers).status_code == 200

    def stop(self):
        self.process.stop()


class LiteLLM(Peer):
    """Its proxy; a master key, prices, no database."""

    name, slug = "LiteLLM 1.106.2", "litellm"
    packages = ("litellm[proxy]==1.106.2", "async-timeout")
    starts_within = 120
    environment = {
        "LITELLM_MASTER_KEY": KEY,
        "LITELLM_MODE": "PRODUCTION",
        "LITELLM_LOG": "ERROR",
        "LITELLM_LOCAL_MODEL_COST_MAP": "True",
        "NO_DOCS": "True",
    }

    def command(self):
        where = ["--host", "127.0.0.1", "--port", self.port, "--num_workers", 1, "--telemetry", "False"]
        return [self.home / "bin/litellm", "--config", self.config("litellm.yaml"), *where]


class TensorZero(Peer):
    """Its gateway as the PyPI wheel ships it; no key, observability off."""

    name, slug = "TensorZero 2026.6.0", "tensorzero"
    packages = ("tensorzero==2026.6.0",)
    path = "/chat/completions"
    prefix = "tensorzero::model_name::"
    environment = {"UPSTREAM_KEY": "sk-upstream", "RUST_LOG": "warn"}

    def command(self):
        self.found = self.folder / "tensorzero.url"
        return [self.home / "bin/python", HERE / "serve_tensorzero.py", self.config("tensorzero.toml"), self.found]

    def _answers(self):
        # It chooses its port by itself, and its base URL has a path.
        self.url = self.found.read_text().rstrip("/")
        return super()._answers()


class SGLangRouter(Peer):
    """A thin Rust router; one API key."""

    name, slug = "SGLang router 0.3.2", "sglang"
    packages = ("sglang-router==0.3.2",)

    def command(self):
        return [
            *(self.home / "bin/smg", "launch", "--backend", "openai", "--worker-urls", self.upstream.url),
            *("--host", "127.0.0.1", "--port", self.port, "--api-key", KEY, "--prometheus-port", free_port()),
            *("--log-level", "warn", "--history-backend", "none"),
        ]


class Portkey(Peer):
    """Its open gateway on Node; the provider's key comes with the request."""

    name, slug = "Portkey 1.15.2", "portkey"
    environment = {"NODE_ENV": "production"}

    def install(self):
        if (self.home / "ready").exists():
            return
        if not shutil.which("npm"):
            raise RuntimeError("Portkey needs Node and npm")
        print("installing @portkey-ai/gateway …", file=sys.stderr, flush=True)
        self.home.mkdir(parents=True, exist_ok=True)
        overrides = {"hono": "4.9.7", "@hono/node-server": "1.13.8"}
        package = {"dependencies": {"@portkey-ai/gateway": "1.15.2"}, "overrides": overrides}
        (self.home / "package.json").write_text(json.dumps(package))
        subprocess.run(["npm", "install", "--silent", "--no-audit", "--no-fund"], cwd=self.home, check=True, env=dict(os.environ))
        (self.home / "ready").touch()

    def more_headers(self):
        return {"x-portkey-provider": "openai", "x-portkey-custom-host": self.upstream.url + "/v1"}

    def command(self):
        start = self.home / "node_modules/@portkey-ai/gateway/build/start-server.js"
        return ["node", start, f"--port={self.port}", "--headless"]


PEERS = [LiteLLM, TensorZero, SGLangRouter, Portkey]

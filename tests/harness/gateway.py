"""A whole gateway: one control plane, any number of Envoys, all on free loopback ports in one scratch folder."""

import contextlib
import itertools
import json
import os
import sqlite3
import subprocess

import httpx

from . import paths
from .process import Process, free_port
from .upstream import PROVIDER_KEY
from .wait import until

ADMIN_KEY = "sk-admin-2f0c51d8a7"
_COUNTER = itertools.count(1)


def unique(stem):
    """A name nobody else has; its last word means nothing to the scripted provider."""
    return f"{stem}-t{next(_COUNTER)}"


def flat(row):
    """A row of `/spend/logs`, which has LiteLLM's shape, by the ledger's own names."""
    metadata = row["metadata"]
    usage = metadata["usage_object"]
    return {
        "call_id": row["request_id"],
        "key_alias": metadata["user_api_key_alias"],
        "end_user": row["end_user"],
        "model_group": row["model_group"],
        "model": row["model"],
        "deployment_id": row["model_id"],
        "provider": row["custom_llm_provider"],
        "stream": metadata["stream"],
        "status": metadata["status_code"],
        "attempts": metadata["attempted_retries"] + 1,
        "disconnected": metadata["client_disconnected"],
        "error": (metadata["error_information"] or {}).get("error_class", ""),
        "prompt_tokens": row["prompt_tokens"],
        "completion_tokens": row["completion_tokens"],
        "cached_tokens": usage["prompt_tokens_details"]["cached_tokens"],
        "usage_estimated": metadata["usage_estimated"],
        "cost": row["spend"],
        "latency_ms": row["request_duration_ms"],
    }


class ControlPlane:
    """`tianji serve` on a SQLite file, or on the database given."""

    def __init__(self, folder, database=None, config=None, env=None, arguments=(), cpus=None, name="control-plane"):
        self.folder, self.name, self.cpus = folder, name, cpus
        self.rest_port, self.grpc_port = free_port(), free_port()
        self.database = database or f"sqlite:{folder}/{name}.db"
        self.config = config or self._empty_config()
        self.arguments = list(arguments)
        # What tests fetch is on loopback.
        own = {"TIANJI_MASTER_KEY": ADMIN_KEY, "RUST_LOG": "info,tianji::xds=debug", "TIANJI_FETCH_ALLOW": "127.0.0.0/8"}
        self.env = {**own, **(env or {})}
        self.process = None
        self.start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.rest_port}"

    def _empty_config(self):
        """Without a file, the demo provider would be started."""
        file = self.folder / f"{self.name}.yaml"
        file.write_text("model_list: []\n")
        return file

    def start(self, wait=True):
        command = [paths.control_plane(), "serve", *self.truth(), "--wasm", paths.wasm()]
        command += ["--listen", f"127.0.0.1:{self.rest_port}", "--grpc", f"127.0.0.1:{self.grpc_port}"]
        log = self.folder / f"{self.name}.log"
        self.process = Process(self.name, command + self.arguments, log, env=self.env, cpus=self.cpus)
        if wait:
            self.wait()

    def wait(self, within=30):
        ready = self.url + "/health/readiness"
        until(lambda: self.process.check() and httpx.get(ready).status_code == 200, within, f"{self.name} is ready")

    def run(self, *arguments):
        """Runs another of its commands to the end; gives its output."""
        words = [str(word) for word in (paths.control_plane(), *arguments)]
        env = {**os.environ, **self.env}
        done = subprocess.run(words, capture_output=True, text=True, env=env, cwd=self.folder, timeout=120)
        assert done.returncode == 0, done.stderr or done.stdout
        return done.stdout

    def truth(self):
        """The options that every command with a database has."""
        return ["--database-url", self.database, "--config", self.config, "--data", self.folder]

    def replay(self, journal):
        """Takes Envoy's access log into the ledger; gives what the command says."""
        return self.run("replay", "--journal", journal, *self.truth())

    def kill(self):
        self.process.kill()

    def stop(self):
        return self.process.stop()


class Envoy:
    """A stock Envoy with the bootstrap that the control plane prints."""

    def __init__(self, control_plane, node="gateway", concurrency=2, cpus=None, port=None, wait=True):
        self.control_plane, self.node = control_plane, node
        self.folder = control_plane.folder
        self.concurrency, self.cpus = concurrency, cpus
        self.port, self.admin_port = port or free_port(), free_port()
        self.journal = self.folder / f"{node}.journal"
        self.bootstrap = self.folder / f"{node}.yaml"
        self.bootstrap.write_text(
            control_plane.run(
                *("bootstrap", "--node", node, "--journal", self.journal),
                *("--listen", f"127.0.0.1:{self.port}", "--envoy-admin", f"127.0.0.1:{self.admin_port}"),
                *("--rest", f"127.0.0.1:{control_plane.rest_port}"),
                *("--grpc", f"127.0.0.1:{control_plane.grpc_port}"),
            )
        )
        self.start(wait)

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def start(self, wait=True):
        command = [paths.envoy(), "-c", self.bootstrap, "--concurrency", self.concurrency, "-l", "warn"]
        command += ["--use-dynamic-base-id", "--file-flush-interval-msec", "100"]
        command += ["--drain-time-s", "5", "--parent-shutdown-time-s", "10"]
        self.process = Process(f"envoy-{self.node}", command, self.folder / f"envoy-{self.node}.log", cpus=self.cpus)
        if wait:
            self.wait()

    def wait(self, within=60):
        """Ready: its own word, and an answer from the filter (a models list needs a key: 401)."""

        def serves():
            self.process.check()
            return self.admin("/ready").status_code == 200 and httpx.get(self.url + "/v1/models").status_code == 401

        until(serves, within, f"Envoy {self.node} serves")

    def admin(self, path, method="GET"):
        return httpx.request(method, f"http://127.0.0.1:{self.admin_port}{path}", timeout=10)

    def stat(self, name):
        """One counter or gauge, 0 when it does not exist."""
        for line in self.admin(f"/stats?filter=^{name}$").text.splitlines():
            found, _, value = line.partition(": ")
            if found == name:
                return int(value)
        return 0

    def records(self):
        """The ledger's copy on disk: the JSON lines of the access log."""
        lines = self.journal.read_text().splitlines() if self.journal.exists() else []
        return [json.loads(line) for line in lines if line.startswith("{")]

    def kill(self):
        self.process.kill()

    def stop(self):
        return self.process.stop(grace=20)


class Gateway:
    """Control plane and Envoys together, and what an administrator does with them."""

    def __init__(self, folder, upstream, envoys=1, concurrency=2, cpus=None, **options):
        self.folder, self.upstream = folder, upstream
        self.control_plane = ControlPlane(folder, cpus=cpus, **options)
        try:
            self.envoys = [
                Envoy(self.control_plane, node, concurrency, cpus)
                for node in ["gateway", *(f"gateway-{i}" for i in range(2, envoys + 1))]
            ]
        except BaseException:
            self.control_plane.stop()
            raise
        self.http = httpx.Client(timeout=30)

    @property
    def envoy(self):
        return self.envoys[0]

    @property
    def url(self):
        return self.envoy.url

    def admin(self, method, path, through_envoy=False, key=ADMIN_KEY, **options):
        """A request to the admin API."""
        base = self.url if through_envoy else self.control_plane.url
        headers = {"authorization": f"Bearer {key}"} if key else {}
        return self.http.request(method, base + path, headers=headers, **options)

    def ask(self, method, path, **options):
        """The same, and it must succeed; gives the JSON answer."""
        response = self.admin(method, path, **options)
        assert response.status_code == 200, f"{method} {path}: {response.status_code} {response.text}"
        return response.json()

    def key(self, **fields):
        """A new virtual key."""
        return self.ask("POST", "/key/generate", json=fields)["key"]

    def model(self, *scripts, name=None, wait=True, **params):
        """A model name with one deployment for each script, the first to be tried first. A script is
        `openai/<script>` or `anthropic/<script>` (tests/src/behaviour.rs), or has its own `api_base`."""
        name = name or unique("m")
        made = Model(self, name)
        for place, script in enumerate(scripts):
            own = script if isinstance(script, dict) else {"model": script}
            provider, _, upstream_model = own["model"].partition("/")
            upstream_model = unique(upstream_model)
            made.upstream.append(upstream_model)
            # The order is by weight: each is a million times likelier than the next.
            weight = {"weight": 1e6**-place} if len(scripts) > 1 else {}
            base = self.upstream.url + ("/v1" if provider == "openai" else "")
            given = {"api_base": base, "api_key": PROVIDER_KEY, **weight, **params, **own}
            body = {"model_name": name, "litellm_params": {**given, "model": f"{provider}/{upstream_model}"}}
            answer = self.ask("POST", "/model/new", json=body)
            made.ids.append(answer.get("model_id") or answer["model_info"]["id"])
        if wait:
            made.wait()
        return made

    def known(self, name, within=10.0):
        """Waits until every worker of every Envoy knows a model."""
        model = Model(self, name)
        model.wait(within)
        return model

    def rows(self, key=None, **filters):
        """The ledger's rows, of one key or of all."""
        params = {"api_key": key, **filters} if key else filters
        return [flat(row) for row in self.ask("GET", "/spend/logs", params=params)]

    def count(self):
        """All rows, which can be more than `/spend/logs` shows at once. SQLite only."""
        file = self.control_plane.database.removeprefix("sqlite:")
        with contextlib.closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as database:
            return database.execute("SELECT count(*) FROM spend_log").fetchone()[0]

    def settled(self, key, count, within=10):
        """Waits until a key has `count` rows in the ledger, and gives them."""
        return until(lambda: (rows := self.rows(key)) and len(rows) >= count and rows, within, f"{count} rows of {key}")

    def spend(self, key):
        return self.ask("GET", "/key/info", params={"key": key})["info"]["spend"]

    def stop(self):
        self.http.close()
        for envoy in self.envoys:
            envoy.stop()
        self.control_plane.stop()


class Model:
    """A model name and what is behind it."""

    def __init__(self, gateway, name):
        self.gateway, self.name = gateway, name
        self.upstream, self.ids = [], []

    def __str__(self):
        return self.name

    def wait(self, within=10.0):
        """Until every worker of every Envoy knows it. (That this takes less than a second is a test of its own.)"""
        for envoy in self.gateway.envoys:
            until(lambda envoy=envoy: self._live(envoy), within, f"{self.name} is live in {envoy.node}")

    def _live(self, envoy):
        clusters = envoy.admin("/clusters").text
        return all(f"deployment/{id}::" in clusters for id in self.ids) and self._known(envoy)

    def _known(self, envoy):
        """Asks on new connections, which land on any worker."""
        headers = {"authorization": f"Bearer {ADMIN_KEY}"}
        url = f"{envoy.url}/v1/models/{self.name}"
        return all(httpx.get(url, headers=headers).status_code == 200 for _ in range(4 * envoy.concurrency))

    def stats(self, place=0):
        """What the provider saw of one deployment."""
        return self.gateway.upstream.stats(self.upstream[place])

    def last(self, place=0):
        """The last request the provider got for one deployment."""
        return self.gateway.upstream.last(self.upstream[place])

    def delete(self):
        for id in self.ids:
            self.gateway.ask("POST", "/model/delete", json={"id": id})

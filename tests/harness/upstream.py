"""The scripted provider (tests/src/bin/upstream.rs): what a model does is written in its name."""

import httpx

from . import paths
from .process import Process
from .wait import until

# What the gateway must send and nobody else may see.
PROVIDER_KEY = "provider-key-5b1e9c77d0"


class Upstream:
    """One provider. `stats` and `requests` are what it has seen of a model."""

    def __init__(self, folder, name="upstream", keep=500, cpus=None):
        log = folder / f"{name}.log"
        command = [paths.program("upstream"), "--listen", "127.0.0.1:0", "--keep", keep]
        self.process = Process(name, command, log, cpus=cpus)
        address = until(lambda: self.process.check() and self._address(), what=f"{name} listens")
        self.url = f"http://{address}"
        self.port = int(address.rpartition(":")[2])
        self.http = httpx.Client(base_url=self.url, timeout=10)

    def _address(self):
        lines = self.process.text().splitlines()
        return lines[-1] if lines and lines[-1].startswith("127.0.0.1:") else None

    def stats(self, model):
        """Counts of one model: requests, in_flight, peak, finished, cancelled."""
        nothing = dict(requests=0, in_flight=0, peak=0, finished=0, cancelled=0)
        return self.http.get("/_stats").json()["models"].get(model, nothing)

    def total(self):
        """Requests of all models."""
        return sum(count["requests"] for count in self.http.get("/_stats").json()["models"].values())

    def requests(self, model=None):
        """The last requests, oldest first: method, path, headers (a list of pairs), body."""
        return self.http.get("/_requests", params={"model": model} if model else None).json()

    def last(self, model):
        """The last request, with its headers as a dict."""
        request = self.requests(model)[-1]
        return {**request, "headers": dict(request["headers"])}

    def stop(self):
        self.http.close()
        self.process.stop()

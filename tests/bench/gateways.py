"""What is compared. A gateway starts on the CPUs given, and says where it is and what its clients must send."""

import string
from pathlib import Path

import httpx

from harness import paths
from harness.process import Process, free_port
from harness.wait import until

HERE = Path(__file__).parent
MODEL = "bench"


class Direct:
    """No gateway: what the provider and the load generator can do by themselves."""

    name = "no gateway"
    processes = {}

    def __init__(self, upstream, folder, cpus):
        self.url = upstream.url
        self.headers = {"authorization": "Bearer sk-bench"}
        self.model = MODEL

    def stop(self):
        pass


class PlainEnvoy(Direct):
    """A reverse proxy with no filter but the router."""

    name = "plain Envoy"

    def __init__(self, upstream, folder, cpus):
        super().__init__(upstream, folder, cpus)
        port, admin = free_port(), free_port()
        config = folder / "plain-envoy.yaml"
        template = string.Template((HERE / "envoy.yaml").read_text())
        config.write_text(template.substitute(port=port, admin=admin, upstream=upstream.port))
        command = [paths.envoy(), "-c", config, "--concurrency", 1, "-l", "warn", "--use-dynamic-base-id"]
        self.envoy = Process("plain-envoy", command, folder / "plain-envoy.log", cpus=cpus)
        self.url = f"http://127.0.0.1:{port}"
        self.processes = {"envoy": self.envoy.pid}
        ready = f"http://127.0.0.1:{admin}/ready"
        until(lambda: self.envoy.check() and httpx.get(ready).status_code == 200, within=20, what="Envoy is ready")

    def stop(self):
        self.envoy.stop()


def all_of(with_peers):
    """What to start, plain Envoy before what is compared with it."""
    return [Direct, PlainEnvoy]

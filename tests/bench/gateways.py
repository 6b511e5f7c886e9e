"""What is compared. A gateway starts on the CPUs given, and says where it is and what its clients must send."""

import string
from pathlib import Path

import httpx

from bench.cases import CASES
from harness import paths
from harness.gateway import Gateway
from harness.process import Process, free_port
from harness.wait import until

HERE = Path(__file__).parent
MODEL = "bench"
# What the cases add to the model's name.
SCRIPTS = sorted({case.script for case in CASES})


class Direct:
    """No gateway: what the provider and the load generator can do by themselves."""

    name = "no gateway"
    # Process ids by role: `envoy` and `control_plane`, or `gateway` for all of another one's.
    processes = {}
    # Events in each stream; None where translation changes their number.
    events = 34
    path = "/v1/chat/completions"

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


class Tianji(Direct):
    """Envoy with the filter, and the control plane: a virtual key with every kind of limit, and the ledger."""

    name = "Tianji, OpenAI to OpenAI"
    upstream_api = "openai"
    _shared = {}

    def __init__(self, upstream, folder, cpus):
        # All rows are one gateway: they take turns on it.
        gateway = self._shared.get(folder) or Gateway(folder, upstream, concurrency=1, cpus=cpus)
        self._shared[folder] = self.gateway = gateway
        self.url = gateway.url
        self.model = f"{MODEL}-{self.upstream_api}"
        price = {"input_cost_per_token": 2.5e-6, "output_cost_per_token": 1e-5}
        for script in SCRIPTS:
            gateway.model(f"{self.upstream_api}/{MODEL}{script}", name=self.model + script, wait=False, **price)
        limits = {"rpm_limit": 10**9, "tpm_limit": 10**12, "max_budget": 1e6, "max_parallel_requests": 10_000}
        self.headers = {"authorization": f"Bearer {gateway.key(**limits)}"}
        self.processes = {
            "envoy": gateway.envoy.process.pid,
            "control_plane": gateway.control_plane.process.pid,
        }
        answers = lambda: all(self._answers(script) for script in SCRIPTS)
        until(answers, within=20, what=f"{self.name} answers")

    def _answers(self, script):
        body = {"model": self.model + script, "messages": [{"role": "user", "content": "Hello"}]}
        return httpx.post(self.url + "/v1/chat/completions", json=body, headers=self.headers).status_code == 200

    def stop(self):
        for gateway in self._shared.values():
            gateway.stop()
        self._shared.clear()


class TianjiToAnthropic(Tianji):
    """The same, translating to Anthropic's Messages and back. Its 34 events become fewer."""

    name = "Tianji, OpenAI to Anthropic"
    upstream_api = "anthropic"
    events = None


class TianjiToGemini(TianjiToAnthropic):
    """The same, translating to Gemini's `generateContent`."""

    name = "Tianji, OpenAI to Gemini"
    upstream_api = "gemini"


class TianjiToBedrock(TianjiToAnthropic):
    """The same, translating to Bedrock's Converse, whose streams are binary. The key is an API key: nothing is signed."""

    name = "Tianji, OpenAI to Bedrock"
    upstream_api = "bedrock"


def all_of(with_peers):
    """What to start, plain Envoy before what is compared with it."""
    ours = [Direct, PlainEnvoy, Tianji, TianjiToAnthropic, TianjiToGemini, TianjiToBedrock]
    if not with_peers:
        return ours
    from bench.peers import PEERS

    return ours + PEERS

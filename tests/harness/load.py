"""The load generator (tests/src/bin/load.rs)."""

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path

from . import paths
from .process import Process


def command(url, body, folder, headers=(), stream=False, journal=None, **numbers):
    """The command line of a run. `numbers` are its long options: concurrency, requests, seconds, timeout."""
    folder = Path(folder)
    file = folder / f"body-{abs(hash(json.dumps(body)))}.json"
    file.write_text(json.dumps(body))
    words = [paths.program("load"), url, "--body", file]
    for name, value in dict(headers).items():
        words += ["--header", f"{name}: {value}"]
    if stream:
        words.append("--stream")
    if journal:
        words += ["--journal", journal]
    for name, value in numbers.items():
        words += [f"--{name}", value]
    return [str(word) for word in words]


def run(url, body, folder, cpus=None, within=600, **options):
    """Runs to the end and gives the report (see tests/src/tally.rs)."""
    words = command(url, body, folder, **options)
    if cpus is not None:
        words = ["taskset", "-c", str(cpus), *words]
    done = subprocess.run(words, capture_output=True, text=True, timeout=within)
    if done.returncode:
        raise RuntimeError(f"load: {done.stderr}")
    return json.loads(done.stdout)


@dataclass
class Running:
    """A run in the background."""

    process: Process

    def finish(self, within=600):
        self.process.child.wait(within)
        self.process.stop()
        return json.loads(self.process.text().splitlines()[-1])


def start(url, body, folder, name="load", **options):
    """Starts a run; `finish` waits for its report."""
    return Running(Process(name, command(url, body, folder, **options), Path(folder) / f"{name}.log"))


@dataclass(frozen=True)
class Answer:
    """One line of a run's journal."""

    at: int  # Unix milliseconds
    status: int
    whole: bool
    call_id: str


def answers(journal):
    """The answers of a run, as they came."""
    lines = [line.split(" ") for line in Path(journal).read_text().splitlines()]
    return [Answer(int(at), int(status), whole == "1", call_id) for at, status, whole, call_id in lines]

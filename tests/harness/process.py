"""Child processes: each with its log in a file, each stopped by its own pid."""

import os
import signal
import socket
import subprocess
from pathlib import Path

RUNNING = []
_PORTS = set()


def free_port():
    """A loopback port that nobody listens on, and that is given out once."""
    while True:
        with socket.socket() as s:
            s.bind(("127.0.0.1", 0))
            port = s.getsockname()[1]
        if port not in _PORTS:
            _PORTS.add(port)
            return port


class Process:
    """A running program. Its output goes to `log`, which failing tests show."""

    def __init__(self, name, command, log, env=None, cpus=None, preexec=None):
        self.name = name
        self.log = Path(log)
        self.shown = self.log.stat().st_size if self.log.exists() else 0
        if cpus is not None:
            command = ["taskset", "-c", str(cpus), *command]
        with open(self.log, "ab") as out:
            self.child = subprocess.Popen(
                [str(word) for word in command],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                env={**os.environ, **(env or {})},
                preexec_fn=preexec,
            )
        RUNNING.append(self)

    @property
    def pid(self):
        return self.child.pid

    def alive(self):
        return self.child.poll() is None

    def check(self):
        """Raises when it has ended by itself."""
        if not self.alive():
            raise RuntimeError(f"{self.name} ended with {self.child.returncode}:\n{self.tail()}")
        return True

    def signal(self, number):
        if self.alive():
            self.child.send_signal(number)

    def kill(self):
        """kill -9, and wait until it is gone."""
        self.signal(signal.SIGKILL)
        self.child.wait()
        self._forget()

    def stop(self, grace=10.0):
        """SIGTERM, then SIGKILL. Gives the exit status."""
        self.signal(signal.SIGTERM)
        try:
            self.child.wait(grace)
        except subprocess.TimeoutExpired:
            self.signal(signal.SIGKILL)
            self.child.wait()
        self._forget()
        return self.child.returncode

    def text(self):
        return self.log.read_text(errors="replace")

    def tail(self, lines=40):
        return "\n".join(self.text().splitlines()[-lines:])

    def mark(self):
        """From here on the log belongs to the next test."""
        self.shown = self.log.stat().st_size

    def since_mark(self, lines=60):
        with open(self.log, "rb") as log:
            log.seek(self.shown)
            return "\n".join(log.read().decode(errors="replace").splitlines()[-lines:])

    def _forget(self):
        if self in RUNNING:
            RUNNING.remove(self)


def stop_all():
    """The last resort at the end of a session."""
    for process in list(RUNNING):
        process.stop(grace=3)

#!/usr/bin/env python3
"""A private Postgres for as long as a command runs: `postgres.py COMMAND…` sets TEST_POSTGRES_URL for it.

Uses the server that is installed; as root on Debian it installs the package when there is none. The cluster lives in a
scratch folder, listens on a free loopback port, and is gone afterwards. Where there can be none, the command runs
without the variable and a line says so; with TEST_POSTGRES=required that is an error.
"""

import os
import pwd
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

if __package__ is None or __package__ == "":
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from harness.process import free_port

PACKAGE = "postgresql"


class Unavailable(Exception):
    """There is no Postgres here; the text says why."""


def installed():
    """The folder with `initdb` and `postgres`, the newest version first."""
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name), reverse=True)
    on_path = shutil.which("postgres")
    for folder in [*debian, *([Path(on_path).parent] if on_path else [])]:
        if (folder / "initdb").exists():
            return folder
    return None


def binaries():
    """As `installed`, installing it where that is possible."""
    found = installed()
    if found:
        return found
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        raise Unavailable(f"no Postgres server is installed; `apt-get install {PACKAGE}` (as root) brings one")
    print(f"installing Debian's {PACKAGE} …", file=sys.stderr)
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    # The package would start a server of its own on the usual port.
    policy = Path("/usr/sbin/policy-rc.d")
    ours = not policy.exists()
    if ours:
        policy.write_text("#!/bin/sh\nexit 101\n")
        policy.chmod(0o755)
    try:
        for words in (["update"], ["install", "-y", "--no-install-recommends", PACKAGE]):
            done = subprocess.run(["apt-get", "-q", *words], env=env, capture_output=True, text=True)
            if done.returncode:
                raise Unavailable(f"apt-get {words[0]} failed: {done.stderr.strip()[-300:]}")
    finally:
        if ours:
            policy.unlink()
    found = installed()
    if not found:
        raise Unavailable(f"{PACKAGE} was installed, but there is no initdb")
    return found


@contextmanager
def server():
    """Gives the URL of an empty database."""
    folder = binaries()
    scratch = Path(tempfile.mkdtemp(prefix="tianji-postgres-"))
    data, port = scratch / "data", free_port()
    # Postgres refuses to run as root.
    user = {}
    if os.geteuid() == 0:
        account = pwd.getpwnam("postgres")
        user = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
        os.chown(scratch, account.pw_uid, account.pw_gid)
    initdb = [folder / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"]
    done = subprocess.run(initdb, capture_output=True, text=True, cwd=scratch, **user)
    if done.returncode:
        raise Unavailable(f"initdb failed: {done.stderr.strip()[-300:]}")
    settings = {
        "listen_addresses": "127.0.0.1",
        "port": port,
        "unix_socket_directories": "",
        "max_connections": 300,
        # Nothing here outlives the tests.
        "fsync": "off",
        "synchronous_commit": "off",
        "full_page_writes": "off",
    }
    words = [folder / "postgres", "-D", data, *(word for item in settings.items() for word in ("-c", "%s=%s" % item))]
    with open(scratch / "log", "wb") as log:
        child = subprocess.Popen(words, stdout=log, stderr=subprocess.STDOUT, cwd=scratch, **user)
    try:
        ready = [folder / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(port)]
        deadline = time.monotonic() + 30
        while subprocess.run(ready).returncode:
            if child.poll() is not None or time.monotonic() > deadline:
                raise Unavailable(f"Postgres did not start: {(scratch / 'log').read_text()[-300:]}")
            time.sleep(0.05)
        yield f"postgres://postgres@127.0.0.1:{port}/postgres"
    finally:
        child.terminate()
        try:
            child.wait(10)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
        shutil.rmtree(scratch, ignore_errors=True)


def main(command):
    try:
        with server() as url:
            return subprocess.run(command, env={**os.environ, "TEST_POSTGRES_URL": url}).returncode
    except Unavailable as why:
        if os.environ.get("TEST_POSTGRES") == "required":
            print(f"error: {why}", file=sys.stderr)
            return 1
        print(f"\n*** The tests on Postgres are LEFT OUT: {why}\n", file=sys.stderr)
        return subprocess.run(command).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

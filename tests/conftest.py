"""Fixtures of the black-box suite. Everything it starts is on loopback and in a scratch folder, and is stopped by pid."""

import os
import sys
import uuid
from pathlib import Path

import anthropic
import httpx
import openai
import pytest

sys.path.insert(0, str(Path(__file__).parent))

from harness import process
from harness.gateway import Gateway
from harness.upstream import Upstream


def pytest_runtest_setup(item):
    for running in process.RUNNING:
        running.mark()


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    """A failed test shows what the programs wrote while it ran."""
    report = (yield).get_result()
    if report.failed:
        for running in process.RUNNING:
            written = running.since_mark()
            if written:
                report.sections.append((f"{running.name} ({running.log})", written))


def pytest_sessionfinish(session):
    process.stop_all()


@pytest.fixture(scope="session")
def scratch(tmp_path_factory):
    return tmp_path_factory.mktemp("gateway")


@pytest.fixture(scope="session")
def upstream(scratch):
    """The scripted provider."""
    provider = Upstream(scratch)
    yield provider
    provider.stop()


@pytest.fixture(scope="session")
def gateway(scratch, upstream):
    """The gateway most tests share: SQLite, one Envoy with two workers."""
    shared = Gateway(scratch, upstream)
    yield shared
    shared.stop()


@pytest.fixture
def start_gateway(tmp_path, upstream):
    """Starts gateways of a test's own, which it may kill; `start_gateway(envoys=2)`."""
    started = []

    def start(**options):
        folder = tmp_path / f"gateway-{len(started)}"
        folder.mkdir()
        started.append(Gateway(folder, upstream, **options))
        return started[-1]

    yield start
    for one in started:
        one.stop()


@pytest.fixture
def key(gateway):
    """A key without limits on the shared gateway."""
    return gateway.key()


@pytest.fixture
def http():
    with httpx.Client(timeout=30) as client:
        yield client


@pytest.fixture
def openai_client(gateway, key):
    """The official SDK, which must not hide anything by trying again."""
    with openai.OpenAI(base_url=gateway.url + "/v1", api_key=key, max_retries=0, timeout=30) as client:
        yield client


@pytest.fixture
def anthropic_client(gateway, key):
    with anthropic.Anthropic(base_url=gateway.url, api_key=key, max_retries=0, timeout=30) as client:
        yield client


@pytest.fixture
def postgres_url():
    """A fresh database on the Postgres that `make test` started."""
    import subprocess

    from harness.postgres import installed

    base = os.environ.get("TEST_POSTGRES_URL")
    if not base:
        pytest.skip("TEST_POSTGRES_URL is not set: `make test` starts a Postgres for it")
    name = f"suite_{uuid.uuid4().hex}"
    psql = installed() / "psql"
    subprocess.run([psql, base, "-qc", f"CREATE DATABASE {name}"], check=True)
    return f"{base.rpartition('/')[0]}/{name}"

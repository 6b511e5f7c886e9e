"""Serves TensorZero's gateway, the Rust code of its PyPI wheel. It picks its port itself: written to the second file."""

import signal
import sys
import threading

import tensorzero

gateway = tensorzero._start_http_gateway(
    config_file=sys.argv[1], clickhouse_url=None, postgres_url=None, valkey_url=None, async_setup=False
)
with open(sys.argv[2], "w") as out:
    out.write(gateway.base_url)
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
threading.Event().wait()

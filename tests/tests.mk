# The commands by which Tianji is tested and measured. Included by the Makefile, which has `wasm` and `envoy`.

PYTHON ?= python3
TEST_TOOLS := .tools/tests
TEST_PYTHON := $(TEST_TOOLS)/bin/python
TARGET_DIR := $(or $(CARGO_TARGET_DIR),target)
WASM_MODULE := $(TARGET_DIR)/wasm32-wasip1/wasm/tianji_filter.wasm
# nextest runs each test in a process of its own; plain `cargo test` does as well.
CARGO_TEST := $(if $(shell command -v cargo-nextest 2>/dev/null),nextest run --no-fail-fast,test --no-fail-fast)
# More for pytest: PYTEST='-k limits -x'.
PYTEST ?=

.PHONY: test test-rust test-suite test-quick test-programs check fuzz bench

## test: unit, golden, property and store tests (SQLite and Postgres), then the black-box suite through real Envoy
test: test-programs wasm envoy $(TEST_TOOLS)/ready
	$(PYTHON) tests/harness/postgres.py sh -ec 'cargo $(CARGO_TEST); $(TEST_PYTHON) -m pytest -c tests/pytest.ini $(PYTEST)'

## test-rust: the native half only
test-rust:
	$(PYTHON) tests/harness/postgres.py cargo $(CARGO_TEST)

## test-suite: the black-box suite only
test-suite: test-programs wasm envoy $(TEST_TOOLS)/ready
	$(PYTHON) tests/harness/postgres.py $(TEST_PYTHON) -m pytest -c tests/pytest.ini $(PYTEST)

## test-quick: the black-box suite without its hundred thousand requests
test-quick:
	@$(MAKE) test-suite PYTEST='-m "not long" $(PYTEST)'

# The control plane as it is debugged, the provider and the load generator as fast as they get.
test-programs:
	cargo build --bin tianji
	cargo build --release -p tianji-tests

$(TEST_TOOLS)/ready: tests/requirements.txt
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { echo "Python's venv is missing: apt-get install python3-venv" >&2; exit 1; }
	$(PYTHON) -m venv $(TEST_TOOLS)
	$(TEST_PYTHON) -m pip install --quiet --disable-pip-version-check -r tests/requirements.txt
	@touch $@

## check: format, lints (native and wasm), licences and duplicate versions, sizes, what the filter imports
check: wasm
	cargo fmt --all --check
	cargo clippy --all-targets -- -D warnings
	RUSTFLAGS="$(WASM_RUSTFLAGS)" cargo clippy -p tianji-filter --target wasm32-wasip1 --profile wasm -- -D warnings
	$(PYTHON) tests/check/dependencies.py
	$(PYTHON) tests/check/sizes.py
	$(PYTHON) tests/check/wasm.py $(WASM_MODULE)

## fuzz: request translation, answer translation and streams, a minute each
fuzz:
	tests/fuzz/run.sh

## bench: plain Envoy against Tianji in one table; PEERS=1 adds other gateways, BENCH='--rounds 1' is quicker
bench: wasm envoy $(TEST_TOOLS)/ready
	cargo build --release --bin tianji
	cargo build --release -p tianji-tests
	PEERS=$(PEERS) $(TEST_PYTHON) tests/bench/bench.py $(BENCH)

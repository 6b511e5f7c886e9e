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
SUITE = ENVOY=$$(envoy/install.sh) $(TEST_PYTHON) -m pytest -c tests/pytest.ini $(PYTEST)

# The full recordings of LiteLLM's behaviour, of which fixtures/oracle is an extract, and their price table.
ORACLE ?= ../shared/oracle/given
PRICES ?= ../shared/data/model_prices.json
# Only the cases with this in their id, with what differs: make oracle ONLY=groq/chat
ONLY ?=

.PHONY: test test-all test-rust test-suite test-quick test-programs oracle oracle-envoy check fuzz bench bench-translation

test: test-programs wasm $(TEST_TOOLS)/ready ## Unit, golden, property and store tests, then the suite through real Envoy
	@$(PYTHON) tests/harness/postgres.py $(MAKE) --no-print-directory test-all

# Within a Postgres. Both halves run, also when the first one fails.
test-all:
	@failed=0; cargo $(CARGO_TEST) || failed=1; $(SUITE) || failed=1; exit $$failed

test-rust: ## Only the native half
	@$(PYTHON) tests/harness/postgres.py cargo $(CARGO_TEST)

test-suite: test-programs wasm $(TEST_TOOLS)/ready ## Only the suite through real Envoy: make test-suite PYTEST="-k limits"
	@$(PYTHON) tests/harness/postgres.py bash -c '$(SUITE)'

test-quick: ## The suite without its hundred thousand requests
	@$(MAKE) --no-print-directory test-suite PYTEST='-m "not long" $(PYTEST)'

oracle: ## Replays the full recordings: make oracle ORACLE=path PRICES=path ONLY=groq/chat
	@[ -d "$(ORACLE)" ] || { echo "no recordings at '$(ORACLE)': make oracle ORACLE=<folder of provider/operation.json>" >&2; exit 1; }
	@[ -f "$(PRICES)" ] || { echo "no price table at '$(PRICES)': make oracle PRICES=<model_prices.json>" >&2; exit 1; }
	@RUST_BACKTRACE=0 ORACLE='$(abspath $(ORACLE))' PRICES='$(abspath $(PRICES))' $(if $(ONLY),ORACLE_ONLY='$(ONLY)') \
		cargo test --quiet -p tianji-core --test oracle -- --nocapture

oracle-envoy: test-programs wasm $(TEST_TOOLS)/ready ## The same through real Envoy, in a network of its own (needs root): ORACLE, PRICES, ONLY as above
	@[ -d "$(ORACLE)" ] || { echo "no recordings at '$(ORACLE)': make oracle-envoy ORACLE=<folder of provider/operation.json>" >&2; exit 1; }
	@mkdir -p $(TARGET_DIR)/oracle
	@ENVOY=$$(envoy/install.sh) PYTHONPATH=tests $(TEST_PYTHON) -m recordings --oracle '$(abspath $(ORACLE))' \
		$(if $(ONLY),--only '$(ONLY)') --out $(abspath $(TARGET_DIR))/oracle/live.jsonl
	@RUST_BACKTRACE=0 ORACLE='$(abspath $(ORACLE))' PRICES='$(abspath $(PRICES))' ORACLE_ONLY='$(ONLY)' \
		ORACLE_LIVE=$(abspath $(TARGET_DIR))/oracle/live.jsonl cargo test --quiet -p tianji-core --test oracle -- --nocapture

# The control plane as it is debugged, the provider and the load generator as fast as they get.
test-programs:
	@echo "building the programs under test" >&2
	@cargo build --locked --bin tianji
	@cargo build --locked --release -p tianji-tests

$(TEST_TOOLS)/ready: tests/requirements.txt
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || \
		{ [ "$$(id -u)" = 0 ] && apt-get -q update >&2 && apt-get -qy install python3-venv >&2; } || \
		{ echo "Python's venv is missing: apt install python3-venv" >&2; exit 1; }
	@echo "installing pytest and the providers' SDKs into $(TEST_TOOLS)" >&2
	@$(PYTHON) -m venv $(TEST_TOOLS)
	@$(TEST_PYTHON) -m pip install --quiet --disable-pip-version-check -r tests/requirements.txt
	@touch $@

check: wasm ## Format, lints, licences and duplicate versions, sizes, what the filter imports
	cargo fmt --all --check
	rustfmt --edition 2024 --check filter/core/src/providers/*.rs # which rustfmt does not find behind their list
	cargo clippy --locked --all-targets -- -D warnings
	RUSTFLAGS="$$(.ci/wasm-toolchain.sh) -C target-feature=+simd128" cargo clippy --locked -p tianji-filter --target wasm32-wasip1 --profile wasm -- -D warnings
	$(PYTHON) tests/check/dependencies.py
	$(PYTHON) tests/check/sizes.py
	$(PYTHON) tests/check/wasm.py $(WASM_MODULE)

fuzz: ## Requests, answers and streams, a minute of random input each
	@tests/fuzz/run.sh

bench-translation: ## What translation costs natively, for each wire format
	@cargo bench --locked --quiet -p tianji-core --bench translate -- --noplot --warm-up-time 0.5 --measurement-time 1

bench: bench-translation wasm $(TEST_TOOLS)/ready ## The same, then plain Envoy against Tianji in one table; PEERS=1 adds other gateways
	@cargo build --locked --release --bin tianji
	@cargo build --locked --release -p tianji-tests
	@ENVOY=$$(envoy/install.sh) PEERS=$(PEERS) $(TEST_PYTHON) tests/bench/bench.py $(BENCH)

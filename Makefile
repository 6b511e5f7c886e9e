# Tianji. `make run` is the whole of it; `make help` lists the rest.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

TARGET := $(or $(CARGO_TARGET_DIR),target)
# release: what `make run` and the benchmark use.
PROFILE ?= release
BIN := $(TARGET)/$(if $(filter dev,$(PROFILE)),debug,$(PROFILE))/tianji
export TIANJI_WASM := $(abspath $(TARGET)/wasm32-wasip1/wasm/tianji_filter.wasm)

.PHONY: help run build wasm envoy check-tools

help: ## Shows this
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 18

run: build ## Builds what is missing and runs the gateway: make run ARGS="--config config.yaml"
	@ENVOY=$$(envoy/install.sh) exec $(BIN) run $(ARGS)

build: wasm ## Builds the control plane and the filter
	@echo "building the control plane (the first time takes some minutes)" >&2
	@cargo build --locked --profile $(PROFILE) -p tianji

wasm: check-tools ## Builds tianji.wasm
	@flags=$$(.ci/wasm-toolchain.sh); echo "building the filter" >&2; \
	RUSTFLAGS="$$flags -C target-feature=+simd128" cargo build --locked -p tianji-filter --target wasm32-wasip1 --profile wasm

envoy: ## Finds or fetches Envoy and prints its path
	@envoy/install.sh

check-tools:
	@command -v cargo >/dev/null || { echo "Rust is missing: https://rustup.rs" >&2; exit 1; }
	@command -v curl >/dev/null || { echo "curl is missing: apt install curl" >&2; exit 1; }
	@command -v cc >/dev/null || { echo "A C compiler is missing: apt install gcc" >&2; exit 1; }

include tests/tests.mk

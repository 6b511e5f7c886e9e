#!/bin/sh
# make fuzz: each target of filter/core/fuzz for a minute (FUZZ_SECONDS). Needs a nightly compiler and cargo-fuzz; installs
# the latter into .tools when it is missing.
set -eu
cd "$(dirname "$0")/../.."
seconds=${FUZZ_SECONDS:-60}
mkdir -p .tools
tools=$PWD/.tools
PATH=$tools/bin:$PATH

nightly=$(rustup toolchain list 2>/dev/null | sed -n 's/^\(nightly[^ ]*\).*/\1/p' | head -n 1)
if [ -z "$nightly" ]; then
    echo "make fuzz needs a nightly compiler (libFuzzer's instrumentation is not in stable Rust):" >&2
    echo "    rustup toolchain install nightly --profile minimal" >&2
    exit 1
fi
if ! command -v cargo-fuzz >/dev/null; then
    echo "installing cargo-fuzz into .tools (a minute) …"
    cargo "+$nightly" install cargo-fuzz --version 0.13.2 --locked --quiet --root "$tools" || {
        echo "cargo-fuzz could not be installed; is there a network to crates.io?" >&2
        exit 1
    }
fi
for target in request answer stream form; do
    echo "fuzzing $target for $seconds s …"
    corpus=filter/core/fuzz/corpus/$target
    mkdir -p "$corpus"
    python3 tests/fuzz/seeds.py "$target" "$corpus"
    log=.tools/fuzz-$target.log
    # No sanitizer: the core has no unsafe code, and without it ten times as many inputs are tried.
    if ! cargo "+$nightly" fuzz run --fuzz-dir filter/core/fuzz --sanitizer none "$target" "$corpus" -- \
        "-max_total_time=$seconds" -max_len=16384 -timeout=5 -rss_limit_mb=2048 -print_final_stats=1 \
        "-dict=tests/fuzz/words.dict" -verbosity=0 >"$log" 2>&1; then
        tail -n 60 "$log"
        exit 1
    fi
    sed -n 's/^stat::number_of_executed_units: */  inputs: /p' "$log"
done

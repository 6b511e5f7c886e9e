"""Where the programs are: as the Makefile built them, or as the environment says."""

import os
import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TARGET = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
TOOLS = ROOT / ".tools"


def program(name, *profiles):
    """A program of this workspace, from the first profile that has it."""
    for profile in profiles or ("release", "debug"):
        path = TARGET / profile / name
        if path.exists():
            return path
    raise FileNotFoundError(f"{name} is not built: `make test` builds it (looked in {TARGET})")


def control_plane():
    return Path(os.environ["TIANJI"]) if "TIANJI" in os.environ else program("tianji", "debug", "release")


def wasm():
    path = Path(os.environ.get("TIANJI_WASM", TARGET / "wasm32-wasip1" / "wasm" / "tianji_filter.wasm"))
    if not path.exists():
        raise FileNotFoundError(f"the filter is not built: `make wasm` builds it (looked for {path})")
    return path


def envoy():
    """`ENVOY`, the private copy that `make run` and `make test` install, or the one on PATH."""
    private = TOOLS / "bin" / "envoy"
    candidates = [os.environ.get("ENVOY"), private if private.exists() else None, shutil.which("envoy")]
    for candidate in filter(None, candidates):
        return Path(candidate)
    raise FileNotFoundError("no Envoy: set ENVOY, or let `make envoy` install one")


def version(command):
    return subprocess.run([*map(str, command), "--version"], capture_output=True, text=True, check=True).stdout.strip()

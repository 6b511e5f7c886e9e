#!/usr/bin/env python3
"""What deny.toml says of licences, duplicate versions and sources, checked offline from `cargo metadata`.

`cargo deny check bans licenses sources` reads the same file and says the same; it takes minutes to install, this does
not. Exceptions stand in deny.toml, each with its reason.
"""

import json
import re
import subprocess
import sys
import tomllib
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TARGETS = ["x86_64-unknown-linux-gnu", "aarch64-unknown-linux-gnu", "wasm32-wasip1"]


def packages():
    """Every package of the lock file that one of our targets uses, but our own."""
    command = ["cargo", "metadata", "--format-version", "1", "--locked"]
    for target in TARGETS:
        command += ["--filter-platform", target]
    found = json.loads(subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout)
    used = {node["id"] for node in found["resolve"]["nodes"]}
    return [package for package in found["packages"] if package["id"] in used and package["source"]]


def licensed(expression, allowed):
    """Whether an SPDX expression can be met with the licences allowed."""
    tokens = re.findall(r"\(|\)|[\w.+-]+", expression.replace("/", " OR "))

    def either():
        met = both()
        while tokens and tokens[0] == "OR":
            tokens.pop(0)
            met = both() or met
        return met

    def both():
        met = one()
        while tokens and tokens[0] == "AND":
            tokens.pop(0)
            met = one() and met
        return met

    def one():
        token = tokens.pop(0)
        if token == "(":
            met = either()
            tokens.pop(0)
            return met
        if tokens and tokens[0] == "WITH":
            token = f"{token} WITH {tokens[1]}"
            del tokens[:2]
        return token in allowed

    return either()


def main():
    rules = tomllib.loads((ROOT / "deny.toml").read_text())
    allowed = set(rules["licenses"]["allow"])
    registries = set(rules["sources"]["allow-registry"])
    skipped = {rule["crate"] for rule in rules["bans"]["skip"]}
    faults, versions = [], defaultdict(set)
    for package in packages():
        name, version = package["name"], package["version"]
        versions[name].add(version)
        if not licensed(package["license"] or "none", allowed):
            faults.append(f"{name} {version}: licence {package['license']} is not in deny.toml")
        # A mirror of crates.io keeps its name here: cargo replaces the source, not the lock file's entry.
        if package["source"].removeprefix("registry+") not in registries:
            faults.append(f"{name} {version}: from {package['source']}")
    for name, several in versions.items():
        kept = {version for version in several if f"{name}@{version}" not in skipped}
        if len(kept) > 1:
            faults.append(f"{name}: {', '.join(sorted(kept))}; one of them must go, or needs a reason in deny.toml")
    for rule in skipped:
        name, _, version = rule.partition("@")
        if version not in versions.get(name, ()):
            faults.append(f"deny.toml skips {rule}, which nothing uses any more")
    print("\n".join(faults) or f"dependencies: {len(versions)} crates, licences and versions as deny.toml allows")
    return bool(faults)


if __name__ == "__main__":
    sys.exit(main())

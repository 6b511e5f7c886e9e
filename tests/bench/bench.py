#!/usr/bin/env python3
"""make bench: plain Envoy and Tianji (and, with PEERS=1, other gateways) on the same requests, in one table.

Every gateway is pinned to one CPU, the provider and the load generator to another. For each case the gateways take
turns, so that all of them see the same machine; the table shows the median of the rounds. All of it is loopback, and
every run is bounded.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench import gateways
from bench.cases import CASES
from harness import load, paths, usage
from harness.process import stop_all
from harness.upstream import Upstream


def cpu(pid):
    """Of a process and all below it."""
    return sum(map(usage.cpu_micros, usage.tree(pid)))


def measure(gateway, case, folder, cpus, seconds):
    """One run of one case: latencies in ms, CPU in µs per request."""
    before = {role: cpu(pid) for role, pid in gateway.processes.items()}
    report = load.run(
        gateway.url + gateway.path,
        case.body(gateway.model),
        folder,
        cpus=cpus,
        headers=gateway.headers,
        stream=case.stream,
        concurrency=case.concurrency,
        seconds=seconds,
    )
    answers = max(report["answers"], 1)
    bad = report["answers"] - report["statuses"].get("200", 0) + report["incomplete"] + report["transport_errors"]
    if case.stream and gateway.events and report["events"] != gateway.events * report["answers"]:
        bad += 1
    result = {
        "per_second": report["per_second"],
        "p50": report["latency"]["p50"] / 1000,
        "p99": report["latency"]["p99"] / 1000,
        "first": report["first"]["p50"] / 1000,
        "bad": bad,
        "answers": answers,
    }
    for role, pid in gateway.processes.items():
        result[role] = (cpu(pid) - before[role]) / answers
    return result


def median(rounds, key):
    values = [found[key] for found in rounds if found.get(key) is not None]
    return statistics.median(values) if values else None


def number(value, digits=0):
    return "–" if value is None else f"{value:,.{digits}f}"


def table(results, names):
    """Markdown. The ratios are of CPU per request, to plain Envoy's in the same case."""
    rows = [
        "| case | c | gateway | req/s | p50 ms | p99 ms | first event ms | Envoy µs/req | control plane µs/req "
        "| Envoy × plain | all × plain | p50 − plain, ms | bad |",
        "|---|--:|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|",
    ]
    for case in CASES:
        plain = results.get((case, gateways.PlainEnvoy.name), [])
        for name in names:
            rounds = results.get((case, name), [])
            if not rounds:
                continue
            envoy, control, own = (median(rounds, role) for role in ("envoy", "control_plane", "gateway"))
            cpu = sum(filter(None, (envoy, control, own))) or None
            base, added = median(plain, "envoy"), None
            if plain:
                added = median(rounds, "p50") - median(plain, "p50")
            cells = [
                case.name,
                case.concurrency,
                name,
                number(median(rounds, "per_second")),
                number(median(rounds, "p50"), 3),
                number(median(rounds, "p99"), 3),
                number(median(rounds, "first"), 3) if case.stream else "–",
                number(envoy if own is None else own, 1),
                number(control, 1),
                number(envoy / base if envoy and base else None, 2),
                number(cpu / base if cpu and base else None, 2),
                number(added, 3),
                sum(found["bad"] for found in rounds),
            ]
            rows.append("| " + " | ".join(map(str, cells)) + " |")
    return "\n".join(rows)


def memory(gateway):
    return {role: sum(map(usage.rss_mib, usage.tree(pid))) for role, pid in gateway.processes.items()}


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--seconds", type=float, default=3.0, help="of each run")
    options.add_argument("--gateways", default="", help="only those whose name contains one of these words")
    options.add_argument("--cases", default="", help="only those whose name contains this")
    options.add_argument("--json", type=Path, help="also write every single result there")
    options.add_argument("--peers", action="store_true", default=os.environ.get("PEERS") == "1")
    options.add_argument("--gateway-cpu", default="0")
    options.add_argument("--load-cpu", default="1" if (os.cpu_count() or 1) > 1 else "0")
    chosen = options.parse_args()

    if "TIANJI" not in os.environ and (paths.TARGET / "release" / "tianji").exists():
        os.environ["TIANJI"] = str(paths.program("tianji", "release"))
    folder = Path(tempfile.mkdtemp(prefix="tianji-bench-"))
    kinds = gateways.all_of(chosen.peers)
    words = chosen.gateways.split(",")
    kinds = [kind for kind in kinds if any(word in kind.name for word in words)]
    upstream = Upstream(folder, keep=0, cpus=chosen.load_cpu)
    running, results, footprint, left_out = [], {}, {}, []
    try:
        for kind in kinds:
            print(f"starting {kind.name} …", file=sys.stderr, flush=True)
            try:
                running.append(kind(upstream, folder, chosen.gateway_cpu))
            except (RuntimeError, OSError, subprocess.CalledProcessError) as why:
                print(f"*** {kind.name} is LEFT OUT: {why}", file=sys.stderr, flush=True)
                left_out.append(kind.name)
        for gateway in running:
            footprint[gateway.name] = [memory(gateway)]
        for turn in range(chosen.rounds):
            for case in (case for case in CASES if chosen.cases in case.name):
                for gateway in running:
                    if turn == 0:  # warm it up
                        measure(gateway, case, folder, chosen.load_cpu, min(1.0, chosen.seconds))
                    found = measure(gateway, case, folder, chosen.load_cpu, chosen.seconds)
                    results.setdefault((case, gateway.name), []).append(found)
                    line = f"{turn + 1}/{chosen.rounds} {case.name} c={case.concurrency} {gateway.name}"
                    print(f"{line}: {found['per_second']:.0f}/s p50 {found['p50']:.3f} ms", file=sys.stderr, flush=True)
        for gateway in running:
            footprint[gateway.name].append(memory(gateway))
    finally:
        for gateway in running:
            gateway.stop()
        upstream.stop()
        stop_all()
    print(table(results, [gateway.name for gateway in running]))
    print("\n| gateway | resident MiB before | after |\n|---|---|---|")
    for name, (before, after) in footprint.items():
        if before:
            show = [", ".join(f"{role} {mib:.0f}" for role, mib in found.items()) for found in (before, after)]
            print(f"| {name} | {show[0]} | {show[1]} |")
    print(f"\n{os.cpu_count()} CPUs, {paths.version([paths.envoy()]).split('version: ')[-1]}; logs: {folder}")
    if chosen.json:
        flat = [
            {"case": case.name, "concurrency": case.concurrency, "gateway": name, **found}
            for (case, name), rounds in results.items()
            for found in rounds
        ]
        chosen.json.write_text(json.dumps(flat, indent=1))
    return 1 if left_out or any(found["bad"] for rounds in results.values() for found in rounds) else 0


if __name__ == "__main__":
    sys.exit(main())

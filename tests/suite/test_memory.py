"""Memory is flat over a hundred thousand requests, streamed and not."""

import pytest

from harness import load, usage
from harness.dialects import OpenAI
from harness.wait import until

# The warm-up is long enough to fill the caches that have a size, SQLite's above all.
WARM_UP, REQUESTS, GROWTH = 40_000, 100_000, 1.05


@pytest.mark.long
@pytest.mark.timeout(900)
def test_a_hundred_thousand_requests_leave_no_trace_in_memory(start_gateway):
    own = start_gateway()
    key = own.key(rpm_limit=100_000_000, max_budget=1e9)
    whole = own.model("openai/gpt", input_cost_per_token=1e-9, output_cost_per_token=1e-9)
    streamed = own.model("anthropic/claude-n10")

    def run(count):
        for model, stream, share in ((whole, False, 0.7), (streamed, True, 0.3)):
            report = load.run(
                own.url + OpenAI.path,
                OpenAI.body(model, stream=stream),
                own.folder,
                headers={"authorization": f"Bearer {key}"},
                stream=stream,
                requests=int(count * share),
                concurrency=32,
                seconds=300,
            )
            assert report["statuses"] == {"200": int(count * share)} and not report["incomplete"], report

    def resident():
        return {p.name: usage.rss_mib(p.pid) for p in (own.envoy.process, own.control_plane.process)}

    run(WARM_UP)
    until(lambda: own.count() == WARM_UP, 60, "the warm-up is in the ledger")
    before = resident()
    run(REQUESTS)
    until(lambda: own.count() == WARM_UP + REQUESTS, 120, "everything is in the ledger")
    after = resident()
    print(f"resident MiB before {before}, after {after}")
    for name in before:
        assert after[name] < before[name] * GROWTH, (before, after)

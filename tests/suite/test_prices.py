"""A newer price table, taken in by a command and in force from the next start on."""

import gzip
import json
import subprocess

from harness.paths import ROOT, control_plane

TABLE = json.loads(gzip.decompress((ROOT / "control-plane/prices/model_prices.json.gz").read_bytes()))


def price(gateway, model):
    (row,) = (row for row in gateway.ask("GET", "/model/info")["data"] if row["model_name"] == str(model))
    return row["model_info"]["input_cost_per_token"]


def test_a_newer_price_table_is_in_force_after_a_restart_and_a_bad_one_never(start_gateway, tmp_path):
    gateway = start_gateway()
    gateway.ask("POST", "/model/new", json={"model_name": "priced", "litellm_params": {"model": "gpt-4o-mini"}})
    assert price(gateway, "priced") == TABLE["gpt-4o-mini"]["input_cost_per_token"]
    newer = tmp_path / "newer.json"
    newer.write_text(json.dumps({**TABLE, "gpt-4o-mini": {"litellm_provider": "openai", "input_cost_per_token": 0.5}}))
    said = gateway.control_plane.run("prices", "update", "--from", newer, "--data", gateway.folder)
    assert "0 new, 0 gone, 1 with other prices" in said
    bad = tmp_path / "bad.json"
    bad.write_text("{}")
    command = [control_plane(), "prices", "update", "--from", bad, "--data", gateway.folder]
    refused = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert refused.returncode != 0 and "it has 0 models" in refused.stderr
    gateway.control_plane.stop()
    gateway.control_plane.start()
    assert price(gateway, "priced") == 0.5

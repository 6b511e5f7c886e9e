"""What the suite and the benchmark start, watch and stop: the fake provider, the control plane, Envoy, Postgres."""

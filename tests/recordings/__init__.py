"""The full recordings of LiteLLM's behaviour, replayed through real Envoy.

`make oracle-envoy` runs this in a network of its own, where every host name leads to one server that answers as each
provider was recorded: real names, real TLS, real signatures, and nothing of it leaves the machine. What came out is
written down, a line of JSON for each case, for the same comparison that `make oracle` makes without Envoy."""

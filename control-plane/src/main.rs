//! Tianji: an LLM gateway that is an Envoy. This binary is its control plane.

fn main() {}

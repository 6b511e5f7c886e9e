//! Tianji: an LLM gateway that is an Envoy. This binary is its control plane.

mod catalog;
mod clock;
mod gate;
mod limits;
mod replay;
mod secret;
mod store;
mod xds;

fn main() {}

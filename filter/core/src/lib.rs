//! The gateway's logic, shared by the filter and the control plane. No I/O, no clock, no randomness, no host calls.

pub mod access;
pub mod call;
pub mod client;
pub mod config;
pub mod cost;
pub mod deployment;
pub mod egress;
pub mod error;
pub mod exchange;
pub mod gateway;
pub mod grants;
pub mod headers;
pub mod ingress;
pub mod io;
pub mod local;
pub mod models;
pub mod operation;
pub mod outbox;
pub mod parameters;
pub mod plan;
pub mod providers;
pub mod relay;
pub mod sse;
pub mod translate;
pub mod usage;
pub mod wire;

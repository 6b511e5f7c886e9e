//! The gateway's logic, shared by the filter and the control plane. No I/O, no clock, no randomness, no host calls.

pub mod call;
pub mod config;
pub mod deployment;
pub mod error;
pub mod grants;
pub mod io;
pub mod operation;
pub mod sse;
pub mod translate;
pub mod usage;
pub mod wire;

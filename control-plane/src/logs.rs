//! Logs, to standard error: for people on a terminal, JSON otherwise.

use std::io::{IsTerminal, stderr};
use tracing_subscriber::{EnvFilter, fmt};

/// Starts logging. `TIANJI_LOG` (or `RUST_LOG`) chooses what, `info` without it.
pub fn start() {
    let chosen = ["TIANJI_LOG", "RUST_LOG"].into_iter().find_map(|name| EnvFilter::try_from_env(name).ok());
    let filter = chosen.unwrap_or_else(|| EnvFilter::new("info,sqlx=warn"));
    let logs = fmt().with_env_filter(filter).with_writer(stderr);
    let started = if stderr().is_terminal() {
        logs.with_target(false).try_init()
    } else {
        logs.json().flatten_event(true).with_current_span(false).try_init()
    };
    // An error means that a test has started them before.
    drop(started);
}

//! Envoy's log becomes part of Tianji's: one stream, one form.

use tokio::{
    io::{AsyncBufReadExt, AsyncRead, BufReader},
    sync::mpsc,
};

/// What Envoy is told to write: level, component, message.
pub const FORMAT: &str = "%l|%n|%v";
/// What Envoy says on every start, until it has fetched tianji.wasm. Should it never get it, the control plane's own
/// log has Envoy's refusals.
const USUAL: [&str; 4] = [
    "Wasm remote code fetch is unstable",
    "Plugin tianji-egress failed to load",
    "Plugin configured to fail closed failed to load",
    "Unable to create Wasm",
];

/// Passes Envoy's lines on until it closes its end; `_open` tells whoever waits that all of them are out.
pub async fn relay(lines: impl AsyncRead + Unpin, _open: mpsc::Sender<()>) {
    let mut lines = BufReader::new(lines).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        let (level, component, message) = split(&line);
        match level {
            _ if USUAL.iter().any(|usual| message.contains(usual)) => {
                tracing::debug!(target: "envoy", component, "{message}");
            }
            "critical" | "error" => tracing::error!(target: "envoy", component, "{message}"),
            "warning" => tracing::warn!(target: "envoy", component, "{message}"),
            "info" => tracing::info!(target: "envoy", component, "{message}"),
            _ => tracing::debug!(target: "envoy", component, "{message}"),
        }
    }
}

/// A line that is not in the form (a message of several lines, a crash report) is a warning.
fn split(line: &str) -> (&str, &str, &str) {
    let mut parts = line.splitn(3, '|');
    match (parts.next(), parts.next(), parts.next()) {
        (Some(level), Some(component), Some(message)) if !level.contains(' ') => (level, component, message),
        _ => ("warning", "", line),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_level_component_and_message() {
        assert_eq!(split("error|wasm|a | b"), ("error", "wasm", "a | b"));
        assert_eq!(
            split("Caught Segmentation fault | x | y"),
            ("warning", "", "Caught Segmentation fault | x | y")
        );
    }
}

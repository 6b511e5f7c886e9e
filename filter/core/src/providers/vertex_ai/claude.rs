//! Anthropic's API as Vertex has it: the model is in the path, its version in the body, and it has fewer features.
//! <https://docs.anthropic.com/en/api/claude-on-vertex-ai>

use crate::operation::{Api, Operation};
use serde_json::{Map, Value, json};

/// The version of Anthropic's API as Vertex knows it.
const VERSION: &str = "vertex-2023-10-16";

/// The one feature that Vertex wants to be asked for.
const WEB_SEARCH: &str = "web-search-2025-03-05";

/// The features of Anthropic's API that Vertex has. Sorted.
const BETAS: [&str; 12] = [
    "compact-2026-01-12",
    "computer-use-2025-01-24",
    "computer-use-2025-11-24",
    "context-1m-2025-08-07",
    "context-management-2025-06-27",
    "dangerous-tool-use-2026-09-03",
    "inline-tools-2026-09-15",
    "interleaved-thinking-2025-05-14",
    "per-turn-control-2026-07-01",
    "thinking-binding-controls-2026-08-01",
    "thinking-display-updates-2026-08-18",
    WEB_SEARCH,
];

/// Turns a request to Anthropic into one to Vertex.
pub fn amend(body: &mut Map<String, Value>, headers: &mut Vec<(String, String)>, operation: Operation) {
    if operation.api() == Api::Anthropic {
        headers.retain(|(name, _)| name != "anthropic-version");
        if let Some(Value::String(said)) = body.get_mut("system") {
            let block = json!({ "type": "text", "text": said });
            body.insert("system".into(), json!([block]));
        }
    }
    // Tokens are counted for a model that the path does not name.
    if operation == Operation::CountTokens {
        return;
    }
    body.shift_remove("model");
    body.insert("anthropic_version".into(), VERSION.into());
    let asked =
        headers.iter().position(|(name, _)| name == "anthropic-beta").map(|at| headers.swap_remove(at).1);
    let mut betas: Vec<&str> = asked.iter().flat_map(|asked| asked.split(',')).filter_map(beta).collect();
    if !betas.is_empty() {
        body.insert("anthropic_beta".into(), betas.clone().into());
    }
    let tools = body.get("tools").and_then(Value::as_array).into_iter().flatten();
    let mut kinds = tools.filter_map(|tool| tool.get("type")?.as_str());
    if kinds.any(|kind| kind.starts_with("web_search")) && !betas.contains(&WEB_SEARCH) {
        betas.push(WEB_SEARCH);
    }
    if !betas.is_empty() {
        headers.push(("anthropic-beta".into(), betas.join(",")));
    }
}

/// Vertex's name for a feature, if it has it.
fn beta(name: &str) -> Option<&'static str> {
    match name.trim() {
        "advanced-tool-use-2025-11-20" | "tool-search-tool-2025-10-19" => Some("tool-search-tool-2025-10-19"),
        name => BETAS.binary_search(&name).ok().and_then(|at| BETAS.get(at)).copied(),
    }
}

//! Counting a prompt's tokens without the model: an estimate for upstreams that cannot be asked.

use crate::usage::estimate;
use serde_json::{Map, Value, json};

/// What Anthropic says an image costs at its largest useful size, and what a page of a document costs about.
/// <https://docs.anthropic.com/en/docs/build-with-claude/vision>
const IMAGE: u64 = 1_600;
/// Base64 characters of a PDF to one page, about.
const PAGE: usize = 64 * 1024;
/// What a turn, a tool or a block costs beside its text.
const AROUND: u64 = 4;

/// `{"input_tokens": n}` for a Messages request; an estimate of four bytes a token.
pub(super) fn input_tokens(body: &Map<String, Value>) -> Value {
    let counted = ["system", "messages", "tools"].iter().filter_map(|field| body.get(*field));
    let tokens = counted.map(tokens).fold(0, u64::saturating_add);
    json!({ "input_tokens": tokens })
}

fn tokens(value: &Value) -> u64 {
    match value {
        Value::String(text) => estimate(text.len()),
        Value::Array(items) => items.iter().map(tokens).fold(0, u64::saturating_add),
        Value::Object(object) => AROUND.saturating_add(object_tokens(object)),
        Value::Null => 0,
        Value::Bool(_) | Value::Number(_) => 1,
    }
}

fn object_tokens(object: &Map<String, Value>) -> u64 {
    match object.get("type").and_then(Value::as_str) {
        Some("image") => IMAGE,
        Some("base64") => {
            let length = object.get("data").and_then(Value::as_str).unwrap_or_default().len();
            (length.div_ceil(PAGE) as u64).saturating_mul(IMAGE)
        }
        // Schemas and inputs are read as JSON, names and all.
        _ => object
            .iter()
            .map(|(name, value)| match (name.as_str(), value) {
                ("input_schema" | "input", value) => estimate(value.to_string().len()),
                ("type" | "role" | "cache_control" | "signature" | "id" | "tool_use_id", _) => 0,
                (_, value) => tokens(value),
            })
            .fold(0, u64::saturating_add),
    }
}

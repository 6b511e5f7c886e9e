//! Counting a prompt's tokens without the model: an estimate for upstreams that cannot be asked.

use super::take;
use crate::usage::estimate;
use serde_json::{Map, Value, json};

/// What Google says an image costs. <https://ai.google.dev/gemini-api/docs/tokens>
const IMAGE: u64 = 258;
/// Base64 characters of other bytes to one image's worth, about.
const PAGE: usize = 64 * 1024;

/// `{"totalTokens": n}` for a request, itself or inside `generateContentRequest`.
pub fn total_tokens(body: &Map<String, Value>) -> Value {
    let mut body = body.clone();
    if let Some(Value::Object(request)) = take(&mut body, "generateContentRequest") {
        body = request;
    }
    let counted = ["contents", "systemInstruction", "tools"].iter().filter_map(|name| take(&mut body, name));
    let tokens = counted.map(|value| tokens(&value)).fold(0, u64::saturating_add);
    json!({ "totalTokens": tokens })
}

fn tokens(value: &Value) -> u64 {
    match value {
        Value::String(text) => estimate(text.len()),
        Value::Array(items) => items.iter().map(tokens).fold(0, u64::saturating_add),
        Value::Object(object) => object
            .iter()
            .map(|(name, value)| match name.as_str() {
                "role" | "thoughtSignature" | "thought_signature" => 0,
                "inlineData" | "inline_data" => {
                    let length = value.get("data").and_then(Value::as_str).unwrap_or_default().len();
                    (length.div_ceil(PAGE) as u64).saturating_mul(IMAGE)
                }
                "fileData" | "file_data" => IMAGE,
                // Schemas and arguments are read as JSON, names and all.
                "functionDeclarations"
                | "function_declarations"
                | "functionCall"
                | "function_call"
                | "functionResponse"
                | "function_response" => estimate(value.to_string().len()),
                _ => tokens(value),
            })
            .fold(0, u64::saturating_add),
        Value::Null | Value::Bool(_) | Value::Number(_) => 0,
    }
}

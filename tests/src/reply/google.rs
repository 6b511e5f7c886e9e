//! Generating content: texts only. <https://ai.google.dev/api/generate-content>

use super::{Tokens, pieces, text};
use crate::asked::Asked;
use serde_json::{Value, json};

/// A whole answer of about 1 KB.
pub fn content(asked: &Asked) -> Value {
    let mut whole = part(asked, &text(asked));
    whole["candidates"][0]["finishReason"] = json!("STOP");
    whole["usageMetadata"] = usage(asked, 128);
    whole
}

/// A stream; the last event says why it ends.
pub fn events(asked: &Asked) -> Vec<String> {
    let pieces = pieces(asked, 0);
    let mut events: Vec<Value> = pieces.iter().map(|piece| part(asked, piece)).collect();
    if let Some(last) = events.last_mut() {
        last["candidates"][0]["finishReason"] = json!("STOP");
        last["usageMetadata"] = usage(asked, pieces.len() as u64);
    }
    events.iter().map(event).collect()
}

/// <https://cloud.google.com/apis/design/errors>
pub fn error(status: u16, message: &str) -> Value {
    let name = match status {
        401 => "UNAUTHENTICATED",
        403 => "PERMISSION_DENIED",
        404 => "NOT_FOUND",
        429 => "RESOURCE_EXHAUSTED",
        503 => "UNAVAILABLE",
        400..=499 => "INVALID_ARGUMENT",
        _ => "INTERNAL",
    };
    json!({ "error": { "code": status, "message": message, "status": name } })
}

/// An error in mid-stream.
pub fn error_event() -> String {
    event(&error(503, "Overloaded"))
}

fn part(asked: &Asked, text: &str) -> Value {
    json!({
        "candidates": [{ "content": { "parts": [{ "text": text }], "role": "model" }, "index": 0 }],
        "modelVersion": asked.model, "responseId": "mock0123456789abcdef",
    })
}

fn usage(asked: &Asked, said: u64) -> Value {
    if asked.behaviour.without_usage {
        return Value::Null;
    }
    let tokens = Tokens::of(asked, said);
    json!({
        "promptTokenCount": tokens.prompt, "candidatesTokenCount": tokens.completion,
        "totalTokenCount": tokens.prompt + tokens.completion, "cachedContentTokenCount": tokens.cached,
    })
}

fn event(data: &Value) -> String {
    format!("data: {data}\r\n\r\n")
}

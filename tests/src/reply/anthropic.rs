//! Messages. <https://docs.anthropic.com/en/api/messages> and <https://docs.anthropic.com/en/docs/build-with-claude/streaming>

use super::{Tokens, pieces, text};
use crate::asked::Asked;
use serde_json::{Value, json};

const ID: &str = "msg_mock0123456789abcdef";
const THOUGHT: &str = "The user wants an answer.";
const SIGNATURE: &str = "c2lnbmVkIGJ5IHRoZSBzY3JpcHQ=";

/// A whole answer of about 1 KB.
pub fn message(asked: &Asked) -> Value {
    let mut content = Vec::new();
    if asked.behaviour.thinks {
        content.push(json!({ "type": "thinking", "thinking": THOUGHT, "signature": SIGNATURE }));
    }
    if asked.calls.is_empty() {
        content.push(json!({ "type": "text", "text": text(asked) }));
    }
    for (i, call) in asked.calls.iter().enumerate() {
        let id = format!("toolu_{i}");
        content.push(json!({ "type": "tool_use", "id": id, "name": call.name, "input": call.arguments }));
    }
    let mut whole = envelope(asked);
    whole["content"] = json!(content);
    whole["stop_reason"] = json!(stop_reason(asked));
    whole["usage"] = usage(asked, 128);
    whole
}

/// A stream, with a `ping` where the real one has it.
pub fn events(asked: &Asked) -> Vec<String> {
    let mut start = envelope(asked);
    start["usage"] = usage(asked, 1);
    let mut events = vec![event(&json!({ "type": "message_start", "message": start }))];
    let mut index = 0;
    let mut block = |start: Value, deltas: Vec<Value>| {
        events.push(event(&json!({ "type": "content_block_start", "index": index, "content_block": start })));
        if index == 0 {
            events.push(event(&json!({ "type": "ping" })));
        }
        for delta in deltas {
            events.push(event(&json!({ "type": "content_block_delta", "index": index, "delta": delta })));
        }
        events.push(event(&json!({ "type": "content_block_stop", "index": index })));
        index += 1;
    };
    if asked.behaviour.thinks {
        let thought = json!({ "type": "thinking_delta", "thinking": THOUGHT });
        let signature = json!({ "type": "signature_delta", "signature": SIGNATURE });
        block(json!({ "type": "thinking", "thinking": "", "signature": "" }), vec![thought, signature]);
    }
    let mut said = asked.calls.len() as u64;
    if asked.calls.is_empty() {
        let pieces = pieces(asked, 6);
        said = pieces.len() as u64;
        let deltas = pieces.iter().map(|piece| json!({ "type": "text_delta", "text": piece })).collect();
        block(json!({ "type": "text", "text": "" }), deltas);
    }
    for (i, call) in asked.calls.iter().enumerate() {
        let start = json!({ "type": "tool_use", "id": format!("toolu_{i}"), "name": call.name, "input": {} });
        let whole = call.arguments.to_string();
        let letters: Vec<char> = whole.chars().collect();
        let deltas = letters.chunks(8).map(
            |piece| json!({ "type": "input_json_delta", "partial_json": piece.iter().collect::<String>() }),
        );
        block(start, deltas.collect());
    }
    let delta = json!({ "stop_reason": stop_reason(asked), "stop_sequence": null });
    events.push(event(
        &json!({ "type": "message_delta", "delta": delta, "usage": closing_usage(asked, said) }),
    ));
    events.push(event(&json!({ "type": "message_stop" })));
    events
}

/// <https://docs.anthropic.com/en/api/errors>
pub fn error(status: u16, message: &str) -> Value {
    let kind = match status {
        401 => "authentication_error",
        403 => "permission_error",
        404 => "not_found_error",
        413 => "request_too_large",
        429 => "rate_limit_error",
        529 => "overloaded_error",
        400..=499 => "invalid_request_error",
        _ => "api_error",
    };
    json!({ "type": "error", "error": { "type": kind, "message": message }, "request_id": "req_mock" })
}

/// An error in mid-stream.
pub fn error_event() -> String {
    event(&error(529, "Overloaded"))
}

fn envelope(asked: &Asked) -> Value {
    json!({
        "id": ID, "type": "message", "role": "assistant", "model": asked.model, "content": [],
        "stop_reason": null, "stop_sequence": null,
    })
}

fn stop_reason(asked: &Asked) -> &'static str {
    if asked.calls.is_empty() { "end_turn" } else { "tool_use" }
}

/// Anthropic's input tokens leave the cached ones out.
fn usage(asked: &Asked, said: u64) -> Value {
    if asked.behaviour.without_usage {
        return Value::Null;
    }
    let tokens = Tokens::of(asked, said);
    json!({
        "input_tokens": tokens.prompt.saturating_sub(tokens.cached), "output_tokens": tokens.completion,
        "cache_creation_input_tokens": 0, "cache_read_input_tokens": tokens.cached, "service_tier": "standard",
    })
}

fn closing_usage(asked: &Asked, said: u64) -> Value {
    if asked.behaviour.without_usage {
        return Value::Null;
    }
    json!({ "output_tokens": Tokens::of(asked, said).completion })
}

fn event(data: &Value) -> String {
    format!("event: {}\ndata: {data}\n\n", data["type"].as_str().unwrap_or_default())
}

//! Chat completions and embeddings. <https://platform.openai.com/docs/api-reference/chat>

use super::{Tokens, pieces, text};
use crate::asked::Asked;
use serde_json::{Map, Value, json};

const ID: &str = "chatcmpl-mock0123456789abcdef";
const CREATED: u64 = 1_760_000_000;
/// What a model that reasons thinks.
const THOUGHT: &str = "The user wants an answer.";

/// A whole answer of about 1 KB.
pub fn completion(asked: &Asked) -> Value {
    let mut message = Map::new();
    message.insert("role".into(), json!("assistant"));
    let mut finish = "stop";
    if asked.calls.is_empty() {
        message.insert("content".into(), json!(text(asked)));
    } else {
        finish = "tool_calls";
        message.insert("content".into(), Value::Null);
        let calls = asked.calls.iter().enumerate();
        let calls: Vec<Value> =
            calls.map(|(i, call)| tool_call(i, &call.name, &call.arguments.to_string())).collect();
        message.insert("tool_calls".into(), json!(calls));
    }
    if asked.behaviour.thinks {
        message.insert("reasoning_content".into(), json!(THOUGHT));
    }
    message.insert("refusal".into(), Value::Null);
    message.insert("annotations".into(), json!([]));
    let mut whole = json!({
        "id": ID, "object": "chat.completion", "created": CREATED, "model": asked.model,
        "choices": [{ "index": 0, "message": message, "logprobs": null, "finish_reason": finish }],
        "service_tier": "default", "system_fingerprint": "fp_mock",
    });
    if !asked.behaviour.without_usage {
        whole["usage"] = usage(asked, 128);
    }
    whole
}

/// A stream: text or tool calls, the finish reason, the usage where asked for, `[DONE]`.
pub fn events(asked: &Asked) -> Vec<String> {
    let with_usage = asked.include_usage && !asked.behaviour.without_usage;
    let mut events = Vec::new();
    let mut role = Some("assistant");
    let mut say = |delta: Value| {
        let mut delta = delta;
        if let Some(role) = role.take() {
            delta["role"] = json!(role);
        }
        events.push(chunk(
            asked,
            &json!([{ "index": 0, "delta": delta, "logprobs": null, "finish_reason": null }]),
        ));
    };
    if asked.behaviour.thinks {
        say(json!({ "reasoning_content": THOUGHT }));
    }
    for (i, call) in asked.calls.iter().enumerate() {
        say(json!({ "tool_calls": [tool_call(i, &call.name, "")] }));
        for piece in halves(&call.arguments.to_string()) {
            say(json!({ "tool_calls": [{ "index": i, "function": { "arguments": piece } }] }));
        }
    }
    let mut finish = "tool_calls";
    if asked.calls.is_empty() {
        finish = "stop";
        for piece in pieces(asked, 2 + usize::from(with_usage)) {
            say(json!({ "content": piece }));
        }
    }
    let said = events.len() as u64;
    events
        .push(chunk(asked, &json!([{ "index": 0, "delta": {}, "logprobs": null, "finish_reason": finish }])));
    if with_usage {
        let last = json!({ "choices": [], "usage": usage(asked, said) });
        events.push(data(asked, &last));
    }
    events.push("data: [DONE]\n\n".into());
    events
}

/// One vector for each text.
pub fn embeddings(asked: &Asked) -> Value {
    // [0.5, -0.25, 0.125], and the same as little-endian floats in base64.
    let vector = if asked.base64 { json!("AAAAPwAAgL4AAAA+") } else { json!([0.5, -0.25, 0.125]) };
    let data: Vec<Value> = (0..asked.inputs)
        .map(|i| json!({ "object": "embedding", "index": i, "embedding": vector }))
        .collect();
    let prompt = Tokens::of(asked, 0).prompt;
    json!({
        "object": "list", "data": data, "model": asked.model,
        "usage": { "prompt_tokens": prompt, "total_tokens": prompt },
    })
}

/// <https://platform.openai.com/docs/guides/error-codes>
pub fn error(status: u16, message: &str) -> Value {
    let kind = match status {
        401 => "authentication_error",
        429 => "rate_limit_exceeded",
        400..=499 => "invalid_request_error",
        _ => "server_error",
    };
    json!({ "error": { "message": message, "type": kind, "param": null, "code": null } })
}

/// An error in mid-stream.
pub fn error_event() -> String {
    format!("data: {}\n\n", error(500, "Overloaded"))
}

fn usage(asked: &Asked, said: u64) -> Value {
    let tokens = Tokens::of(asked, said);
    json!({
        "prompt_tokens": tokens.prompt, "completion_tokens": tokens.completion,
        "total_tokens": tokens.prompt + tokens.completion,
        "prompt_tokens_details": { "cached_tokens": tokens.cached, "audio_tokens": 0 },
        "completion_tokens_details": { "reasoning_tokens": 0, "audio_tokens": 0 },
    })
}

fn tool_call(index: usize, name: &str, arguments: &str) -> Value {
    let function = json!({ "name": name, "arguments": arguments });
    json!({ "index": index, "id": format!("call_{index}"), "type": "function", "function": function })
}

fn chunk(asked: &Asked, choices: &Value) -> String {
    data(asked, &json!({ "choices": choices, "usage": null }))
}

fn data(asked: &Asked, rest: &Value) -> String {
    let mut whole = json!({
        "id": ID, "object": "chat.completion.chunk", "created": CREATED, "model": asked.model,
        "service_tier": "default", "system_fingerprint": "fp_mock",
    });
    for (name, value) in rest.as_object().into_iter().flatten() {
        whole[name] = value.clone();
    }
    format!("data: {whole}\n\n")
}

/// A text in two pieces, so that a reader must join them.
fn halves(text: &str) -> [&str; 2] {
    let half = (text.len() / 2..text.len()).find(|&i| text.is_char_boundary(i)).unwrap_or(text.len());
    let (left, right) = text.split_at(half);
    [left, right]
}

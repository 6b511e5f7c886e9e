//! Answers of each wire format, as small as the real ones get.

use serde_json::{Value, json};

/// A wire format, by a provider and a model that speak it.
pub struct Format {
    pub provider: &'static str,
    pub model: &'static str,
    /// A whole answer with this text.
    pub answer: fn(&str) -> Vec<u8>,
    /// What a stream begins with.
    pub opening: fn() -> Vec<u8>,
    /// One event with this text.
    pub event: fn(&str) -> Vec<u8>,
}

pub const FORMATS: [Format; 6] = [
    Format {
        provider: "openai",
        model: "gpt-4o-2024-08-06",
        answer: |text| openai("chat.completion", "message", &json!({ "role": "assistant", "content": text })),
        opening: || {
            sse(&openai("chat.completion.chunk", "delta", &json!({ "role": "assistant", "content": "" })))
        },
        event: |text| sse(&openai("chat.completion.chunk", "delta", &json!({ "content": text }))),
    },
    Format {
        provider: "anthropic",
        model: "claude-sonnet-4-5",
        answer: |text| bytes(&message(&json!([{ "type": "text", "text": text }]))),
        opening: || {
            let start = json!({ "type": "message_start", "message": message(&json!([])) });
            let block = json!({ "type": "content_block_start", "index": 0, "content_block": { "type": "text", "text": "" } });
            [sse(&bytes(&start)), sse(&bytes(&block))].concat()
        },
        event: |text| {
            let delta = json!({ "type": "text_delta", "text": text });
            sse(&bytes(&json!({ "type": "content_block_delta", "index": 0, "delta": delta })))
        },
    },
    Format {
        provider: "gemini",
        model: "gemini-2.5-flash",
        answer: |text| content(text, Some("STOP")),
        opening: || sse(&content("The", None)),
        event: |text| sse(&content(text, None)),
    },
    Format {
        provider: "bedrock",
        model: "us.amazon.nova-pro-v1:0",
        answer: |text| {
            bytes(&json!({
                "output": { "message": { "role": "assistant", "content": [{ "text": text }] } },
                "stopReason": "end_turn", "metrics": { "latencyMs": 100 },
                "usage": { "inputTokens": 12, "outputTokens": 5, "totalTokens": 17 },
            }))
        },
        opening: || framed("messageStart", &json!({ "role": "assistant" })),
        event: |text| {
            framed("contentBlockDelta", &json!({ "contentBlockIndex": 0, "delta": { "text": text } }))
        },
    },
    Format {
        provider: "cohere_chat",
        model: "command-a-03-2025",
        answer: |text| {
            bytes(&json!({
                "id": "c", "finish_reason": "COMPLETE",
                "message": { "role": "assistant", "content": [{ "type": "text", "text": text }] },
                "usage": { "tokens": { "input_tokens": 12, "output_tokens": 5 } },
            }))
        },
        opening: || sse(&bytes(&json!({ "type": "message-start", "id": "c", "delta": {} }))),
        event: |text| {
            let delta = json!({ "message": { "content": { "text": text } } });
            sse(&bytes(&json!({ "type": "content-delta", "index": 0, "delta": delta })))
        },
    },
    Format {
        provider: "ollama_chat",
        model: "llama3.3",
        answer: |text| said(text, true),
        opening: || line(&said("The", false)),
        event: |text| line(&said(text, false)),
    },
];

fn bytes(value: &Value) -> Vec<u8> {
    value.to_string().into_bytes()
}

fn sse(data: &[u8]) -> Vec<u8> {
    [b"data: ", data, b"\n\n"].concat()
}

fn line(data: &[u8]) -> Vec<u8> {
    [data, b"\n"].concat()
}

fn openai(object: &str, place: &str, said: &Value) -> Vec<u8> {
    let finish = (object == "chat.completion").then_some("stop");
    bytes(&json!({
        "id": "chatcmpl-abc123", "object": object, "created": 1_700_000_000, "model": "gpt-4o-2024-08-06",
        "service_tier": "default", "system_fingerprint": "fp_44",
        "choices": [{ "index": 0, place: said, "logprobs": null, "finish_reason": finish }],
        "usage": finish.map(|_| json!({ "prompt_tokens": 12, "completion_tokens": 5, "total_tokens": 17 })),
    }))
}

fn message(content: &Value) -> Value {
    json!({
        "id": "msg_01ABC", "type": "message", "role": "assistant", "model": "claude-sonnet-4-5", "content": content,
        "stop_reason": "end_turn", "stop_sequence": null, "usage": { "input_tokens": 12, "output_tokens": 5 },
    })
}

fn content(text: &str, finish: Option<&str>) -> Vec<u8> {
    bytes(&json!({
        "candidates": [{ "content": { "parts": [{ "text": text }], "role": "model" }, "finishReason": finish, "index": 0 }],
        "usageMetadata": { "promptTokenCount": 12, "candidatesTokenCount": 5, "totalTokenCount": 17 },
        "modelVersion": "gemini-2.5-flash", "responseId": "abc",
    }))
}

fn said(text: &str, done: bool) -> Vec<u8> {
    bytes(&json!({
        "model": "llama3.3", "created_at": "2024-01-01T00:00:00Z",
        "message": { "role": "assistant", "content": text }, "done": done, "done_reason": done.then_some("stop"),
        "prompt_eval_count": 12, "eval_count": 5,
    }))
}

/// An event of AWS's event stream.
fn framed(name: &str, data: &Value) -> Vec<u8> {
    let mut headers = Vec::new();
    for (label, value) in
        [(":event-type", name), (":content-type", "application/json"), (":message-type", "event")]
    {
        headers.push(u8::try_from(label.len()).unwrap());
        headers.extend(label.bytes());
        headers.push(7);
        headers.extend(u16::try_from(value.len()).unwrap().to_be_bytes());
        headers.extend(value.bytes());
    }
    let payload = data.to_string();
    let length = |bytes: usize| u32::try_from(bytes).unwrap().to_be_bytes();
    let mut frame = [length(16 + headers.len() + payload.len()), length(headers.len())].concat();
    frame.extend(crc32fast::hash(&frame).to_be_bytes());
    frame.extend(headers);
    frame.extend(payload.bytes());
    frame.extend(crc32fast::hash(&frame).to_be_bytes());
    frame
}

//! Bedrock's Converse: texts only, streamed as AWS's binary events.
//! <https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ConverseStream.html>

use super::{Tokens, pieces, text};
use crate::asked::Asked;
use bytes::{BufMut, Bytes, BytesMut};
use serde_json::{Value, json};

/// A whole answer of about 1 KB.
pub fn message(asked: &Asked) -> Value {
    json!({
        "metrics": { "latencyMs": 100 },
        "output": { "message": { "role": "assistant", "content": [{ "text": text(asked) }] } },
        "stopReason": "end_turn",
        "usage": usage(asked, 128),
    })
}

/// A stream.
pub fn events(asked: &Asked) -> Vec<Bytes> {
    let pieces = pieces(asked, 4);
    let delta = |piece: &String| {
        event("contentBlockDelta", &json!({ "contentBlockIndex": 0, "delta": { "text": piece } }))
    };
    let mut events = vec![event("messageStart", &json!({ "role": "assistant" }))];
    events.extend(pieces.iter().map(delta));
    events.push(event("contentBlockStop", &json!({ "contentBlockIndex": 0 })));
    events.push(event("messageStop", &json!({ "stopReason": "end_turn" })));
    let usage = usage(asked, pieces.len() as u64);
    events.push(event("metadata", &json!({ "usage": usage, "metrics": { "latencyMs": 100 } })));
    events
}

/// An error's body.
pub fn error(message: &str) -> Value {
    json!({ "message": message })
}

/// An error in mid-stream.
pub fn error_event() -> Bytes {
    framed("exception", ":exception-type", "throttlingException", &error("Overloaded"))
}

fn usage(asked: &Asked, said: u64) -> Value {
    let tokens = Tokens::of(asked, said);
    json!({
        "inputTokens": tokens.prompt.saturating_sub(tokens.cached), "outputTokens": tokens.completion,
        "totalTokens": tokens.prompt + tokens.completion, "cacheReadInputTokens": tokens.cached,
    })
}

fn event(name: &str, data: &Value) -> Bytes {
    framed("event", ":event-type", name, data)
}

/// One event with its checksums.
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/RESTSelectObjectAppendix.html>
fn framed(kind: &str, label: &str, name: &str, data: &Value) -> Bytes {
    let mut headers = BytesMut::new();
    for (label, value) in [(label, name), (":content-type", "application/json"), (":message-type", kind)] {
        // These are short, and a header's value of type 7 is a string.
        headers.put_u8(u8::try_from(label.len()).unwrap_or_default());
        headers.put_slice(label.as_bytes());
        headers.put_u8(7);
        headers.put_u16(u16::try_from(value.len()).unwrap_or_default());
        headers.put_slice(value.as_bytes());
    }
    let payload = data.to_string();
    let length = |bytes: usize| u32::try_from(bytes).unwrap_or_default();
    let mut frame = BytesMut::new();
    frame.put_u32(length(16 + headers.len() + payload.len()));
    frame.put_u32(length(headers.len()));
    frame.put_u32(crc32fast::hash(&frame));
    frame.put_slice(&headers);
    frame.put_slice(payload.as_bytes());
    frame.put_u32(crc32fast::hash(&frame));
    frame.freeze()
}

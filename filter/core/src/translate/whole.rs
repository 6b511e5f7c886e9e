//! A whole answer as a stream of few chunks.

use serde_json::{Map, Value, json};

/// Fields of a message that a delta has too.
const SAID: [&str; 8] = [
    "annotations",
    "content",
    "provider_specific_fields",
    "reasoning_content",
    "refusal",
    "role",
    "thinking_blocks",
    "tool_calls",
];

/// Two chunks for every choice, all that was said and why it ended, and one with the usage.
pub fn chunks(completion: Value) -> Vec<Value> {
    let Value::Object(mut head) = completion else { return Vec::new() };
    let choices = match head.remove("choices") {
        Some(Value::Array(choices)) => choices,
        _ => Vec::new(),
    };
    let usage = head.remove("usage");
    head.insert("object".into(), "chat.completion.chunk".into());
    let mut chunks = Vec::with_capacity(2 * choices.len() + 1);
    for mut choice in choices {
        let delta = delta(choice.get_mut("message").map(Value::take).unwrap_or_default());
        let (index, finish) = (choice.get("index"), choice.get("finish_reason"));
        for (delta, finish) in [(delta, None), (json!({}), finish)] {
            chunks.push(chunk(&head, json!({ "index": index, "delta": delta, "finish_reason": finish })));
        }
    }
    if let Some(usage) = usage {
        let mut last = chunk(&head, json!({ "index": 0, "delta": {}, "finish_reason": null }));
        if let Value::Object(last) = &mut last {
            last.insert("usage".into(), usage);
        }
        chunks.push(last);
    }
    chunks
}

fn chunk(head: &Map<String, Value>, choice: Value) -> Value {
    let mut chunk = head.clone();
    chunk.insert("choices".into(), Value::Array(vec![choice]));
    Value::Object(chunk)
}

fn delta(message: Value) -> Value {
    let Value::Object(mut message) = message else { return json!({}) };
    message.retain(|name, value| SAID.contains(&name.as_str()) && !value.is_null());
    let calls = message.get_mut("tool_calls").and_then(Value::as_array_mut).into_iter().flatten();
    for (index, call) in calls.enumerate() {
        if let Value::Object(call) = call {
            call.insert("index".into(), index.into());
        }
    }
    Value::Object(message)
}

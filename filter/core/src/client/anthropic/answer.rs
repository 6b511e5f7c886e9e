//! A whole chat answer, turned into a Message.

use super::{names::Names, object, usage};
use serde_json::{Map, Value, json};

/// A `chat.completion` as a Message. `names` are those of the request it answers.
pub(super) fn message(mut chat: Value, names: &Names) -> Value {
    let usage = usage::from_chat(chat.get("usage"));
    let mut take = |pointer: &str| chat.pointer_mut(pointer).map(Value::take).unwrap_or_default();
    let (id, model) = (take("/id"), take("/model"));
    let finish = take("/choices/0/finish_reason");
    let mut message = match take("/choices/0/message") {
        Value::Object(message) => message,
        _ => Map::new(),
    };
    let id = id.as_str().unwrap_or_default();

    let mut content = thinking(&mut message);
    content.extend(texts(message.shift_remove("content")).into_iter().map(text_block));
    let refusal = refusal(&message).map(ToOwned::to_owned);
    let refused = refusal.is_some();
    content.extend(refusal.map(text_block));
    let calls = match message.shift_remove("tool_calls") {
        Some(Value::Array(calls)) => calls,
        _ => Vec::new(),
    };
    let called = !calls.is_empty();
    for call in &calls {
        content.push(tool_use(call, id, content.len(), names));
    }
    if content.is_empty() {
        content.push(text_block(String::new()));
    }
    object([
        ("id", id.into()),
        ("type", "message".into()),
        ("role", "assistant".into()),
        ("model", model.as_str().unwrap_or_default().into()),
        ("content", content.into()),
        ("stop_reason", stop_reason(finish.as_str(), called, refused).into()),
        ("stop_sequence", Value::Null),
        ("usage", usage),
    ])
}

fn text_block(text: String) -> Value {
    object([("type", "text".into()), ("text", text.into())])
}

/// `thinking_blocks` with their signatures, or `reasoning_content` where there are none.
fn thinking(message: &mut Map<String, Value>) -> Vec<Value> {
    if let Some(Value::Array(blocks)) = message.shift_remove("thinking_blocks")
        && !blocks.is_empty()
    {
        return blocks.into_iter().filter_map(thinking_block).collect();
    }
    match message.shift_remove("reasoning_content").or_else(|| message.shift_remove("reasoning")) {
        Some(Value::String(said)) if !said.is_empty() => {
            vec![object([("type", "thinking".into()), ("thinking", said.into()), ("signature", "".into())])]
        }
        _ => Vec::new(),
    }
}

fn thinking_block(mut block: Value) -> Option<Value> {
    let mut take = |field: &str| block.get_mut(field).map(Value::take).filter(Value::is_string);
    if let Some(data) = take("data") {
        return Some(object([("type", "redacted_thinking".into()), ("data", data)]));
    }
    let (said, signature) = (take("thinking"), take("signature"));
    if said.is_none() && signature.is_none() {
        return None;
    }
    let empty = || Value::String(String::new());
    Some(object([
        ("type", "thinking".into()),
        ("thinking", said.unwrap_or_else(empty)),
        ("signature", signature.unwrap_or_else(empty)),
    ]))
}

/// The text of a message: a string, or the text parts of a list.
fn texts(content: Option<Value>) -> Vec<String> {
    match content {
        Some(Value::String(text)) if !text.is_empty() => vec![text],
        Some(Value::Array(parts)) => parts
            .into_iter()
            .filter_map(|mut part| match part.get_mut("text").map(Value::take) {
                Some(Value::String(text)) if !text.is_empty() => Some(text),
                _ => None,
            })
            .collect(),
        _ => Vec::new(),
    }
}

/// Why a model would not answer, of a message or a delta.
pub(super) fn refusal(message: &Map<String, Value>) -> Option<&str> {
    let own = message.get("refusal").and_then(Value::as_str);
    let parked = || message.get("provider_specific_fields")?.get("refusal")?.as_str();
    own.or_else(parked).filter(|refusal| !refusal.is_empty())
}

fn tool_use(call: &Value, message: &str, index: usize, names: &Names) -> Value {
    let at = |pointer: &str| call.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
    object([
        ("type", "tool_use".into()),
        ("id", tool_id(at("/id"), message, index).into()),
        ("name", names.original(at("/function/name")).into()),
        ("input", input(call.pointer("/function/arguments"))),
    ])
}

/// An id Anthropic would take back (`^[a-zA-Z0-9_-]+$`); one is made up where the upstream gave none.
pub(super) fn tool_id(id: &str, message: &str, index: usize) -> String {
    let made = if id.is_empty() { format!("toolu_{message}_{index}") } else { id.to_owned() };
    made.replace(|c: char| !c.is_ascii_alphanumeric() && c != '_' && c != '-', "_")
}

/// A tool's input is an object. Arguments that are none are kept under `arguments`: nothing a model said is lost.
fn input(arguments: Option<&Value>) -> Value {
    match arguments {
        None | Some(Value::Null) => json!({}),
        Some(Value::String(text)) if text.trim().is_empty() => json!({}),
        Some(Value::String(text)) => match serde_json::from_str(text) {
            Ok(Value::Object(input)) => Value::Object(input),
            Ok(Value::Null) => json!({}),
            Ok(other) => json!({ "arguments": other }),
            Err(_) => json!({ "arguments": text }),
        },
        Some(Value::Object(input)) => Value::Object(input.clone()),
        Some(other) => json!({ "arguments": other }),
    }
}

/// Chat's finish reason as a stop reason. Some upstreams say `stop` after a tool call; the call decides.
pub(super) fn stop_reason(finish: Option<&str>, called: bool, refused: bool) -> &'static str {
    match finish {
        Some("length") => "max_tokens",
        Some("content_filter" | "refusal") => "refusal",
        _ if refused => "refusal",
        Some("tool_calls" | "function_call") => "tool_use",
        _ if called => "tool_use",
        _ => "end_turn",
    }
}

//! A conversation on its way to `/api/chat`.

use super::{bad_request, list, options, text};
use crate::{
    error::Error,
    wire::{Target, openai},
};
use serde_json::{Map, Value, json};

/// From a chat request.
pub fn body(mut chat: Map<String, Value>, target: &Target) -> Result<Value, Error> {
    openai::fit(&mut chat, target)?;
    let messages = chat.shift_remove("messages");
    if let Some(Value::Array(functions)) = chat.shift_remove("functions") {
        let tool = |function: Value| json!({ "type": "function", "function": function });
        chat.entry("tools").or_insert_with(|| functions.into_iter().map(tool).collect());
    }
    let mut body = options::body(chat, target);
    let messages: Vec<Value> = list(messages.as_ref()).iter().map(message).collect::<Result<_, _>>()?;
    body.insert("messages".into(), messages.into());
    Ok(body.into())
}

fn message(message: &Value) -> Result<Value, Error> {
    let mut own = Map::new();
    own.insert("role".into(), role(message).into());
    if let Some(thought) = message.get("reasoning_content").filter(|thought| thought.is_string()) {
        own.insert("thinking".into(), thought.clone());
    }
    own.insert("content".into(), texts(message).concat().into());
    let images = images(message);
    if !images.is_empty() {
        own.insert("images".into(), images.into());
    }
    let calls = list(message.get("tool_calls"));
    if !calls.is_empty() {
        let calls: Vec<Value> = calls.iter().map(call).collect::<Result<_, _>>()?;
        own.insert("tool_calls".into(), calls.into());
    }
    if let Some(id) = message.get("tool_call_id").filter(|id| id.is_string()) {
        own.insert("tool_call_id".into(), id.clone());
    }
    Ok(own.into())
}

fn call(call: &Value) -> Result<Value, Error> {
    let function = call.get("function").unwrap_or(&Value::Null);
    Ok(json!({ "function": { "name": text(function, "name"), "arguments": arguments(function)? } }))
}

/// Who speaks.
pub fn role(message: &Value) -> &str {
    match text(message, "role") {
        "developer" => "system",
        "" => "user",
        role => role,
    }
}

/// The arguments of a call, as the object they are.
pub fn arguments(function: &Value) -> Result<Value, Error> {
    match function.get("arguments") {
        None | Some(Value::Null) => Ok(json!({})),
        Some(Value::String(none)) if none.trim().is_empty() => Ok(json!({})),
        Some(Value::String(written)) => serde_json::from_str(written)
            .map_err(|e| bad_request(format_args!("tool_calls: the arguments must be JSON: {e}"))),
        Some(arguments) => Ok(arguments.clone()),
    }
}

/// The texts of a message.
pub fn texts(message: &Value) -> Vec<&str> {
    match message.get("content") {
        Some(Value::String(text)) => vec![text],
        Some(Value::Array(parts)) => parts.iter().filter_map(|part| part.get("text")?.as_str()).collect(),
        _ => Vec::new(),
    }
}

/// Its images: base64, without the head of a `data:` URL.
pub fn images(message: &Value) -> Vec<Value> {
    let urls = list(message.get("content")).iter().filter_map(|part| {
        let image = part.get("image_url")?;
        image.as_str().or_else(|| image.get("url")?.as_str())
    });
    let bare = |url: &str| match url.strip_prefix("data:").and_then(|rest| rest.split_once(";base64,")) {
        Some((_, data)) => data.into(),
        None => url.into(),
    };
    urls.map(bare).collect()
}

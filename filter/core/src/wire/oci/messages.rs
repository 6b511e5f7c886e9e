//! Messages, in either chat format.

use super::{refused, tools};
use crate::error::Error;
use serde_json::{Map, Value, json};

/// Messages of the generic format. Those that say nothing are left out.
pub fn generic(messages: &[Value]) -> Result<Vec<Value>, Error> {
    messages.iter().filter_map(|message| turn(message).transpose()).collect()
}

fn turn(message: &Value) -> Result<Option<Value>, Error> {
    let content = message.get("content").filter(|content| !content.is_null());
    let content = content.map(parts).transpose()?;
    let calls = message.get("tool_calls").and_then(Value::as_array).filter(|calls| !calls.is_empty());
    let role = match role(message) {
        "system" | "developer" => "SYSTEM",
        "user" => "USER",
        "assistant" => "ASSISTANT",
        "tool" => "TOOL",
        other => return Err(refused(format_args!("nobody has the role `{other}`"))),
    };
    let mut out = Map::from_iter([("role".to_owned(), role.into())]);
    match (role, calls) {
        ("TOOL", _) => {
            let Some(id) = message.get("tool_call_id").and_then(Value::as_str) else {
                return Err(refused("Tool result message must have a string `tool_call_id`"));
            };
            out.insert("content".into(), content.unwrap_or_default().into());
            out.insert("toolCallId".into(), id.into());
        }
        ("ASSISTANT", Some(calls)) => {
            let content =
                content.filter(|parts| parts.iter().any(|part| part.get("text") != Some(&"".into())));
            out.extend(content.map(|content| ("content".to_owned(), content.into())));
            let calls = calls.iter().map(call).collect::<Result<Vec<Value>, Error>>()?;
            out.insert("toolCalls".into(), calls.into());
        }
        _ => match content {
            Some(content) => drop(out.insert("content".into(), content.into())),
            None => return Ok(None),
        },
    }
    Ok(Some(out.into()))
}

fn role(message: &Value) -> &str {
    message.get("role").and_then(Value::as_str).unwrap_or_default()
}

/// Texts and images.
fn parts(content: &Value) -> Result<Vec<Value>, Error> {
    match content {
        Value::String(text) => Ok(vec![json!({ "type": "TEXT", "text": text })]),
        Value::Array(parts) => parts.iter().map(part).collect(),
        _ => Err(refused("Message `content` must be a string or list of content parts")),
    }
}

fn part(part: &Value) -> Result<Value, Error> {
    match part.get("type").and_then(Value::as_str) {
        Some("text") => {
            let text = part.get("text").and_then(Value::as_str);
            let text =
                text.ok_or_else(|| refused("Content item of type `text` must have a string `text` field"))?;
            Ok(json!({ "type": "TEXT", "text": text }))
        }
        Some("image_url") => {
            let image = part.get("image_url").unwrap_or(&Value::Null);
            let url = image.as_str().or_else(|| image.get("url")?.as_str());
            let url = url.ok_or_else(|| {
                refused("Prop `image_url` must be a string or an object with a `url` property")
            })?;
            Ok(json!({ "type": "IMAGE", "imageUrl": { "url": url } }))
        }
        Some(other) => Err(refused(format_args!("Content type `{other}` is not supported by OCI"))),
        None => Err(refused("Each content item must have a string `type` field")),
    }
}

fn call(call: &Value) -> Result<Value, Error> {
    let text = |path: &str| call.pointer(path).and_then(Value::as_str);
    let (Some(id), Some(name)) = (text("/id"), text("/function/name")) else {
        return Err(refused("a call of a tool has an id and the name of a function"));
    };
    let arguments = text("/function/arguments").unwrap_or("{}");
    Ok(json!({ "id": id, "type": "FUNCTION", "name": name, "arguments": arguments }))
}

/// A conversation in Cohere's format: what is asked now, what was said before, and what stands above it all.
pub struct Conversation {
    /// The last message of the user.
    pub message: String,
    /// All other messages, in order.
    pub history: Vec<Value>,
    /// What the system says; empty for nothing.
    pub preamble: String,
}

/// A conversation in Cohere's format.
pub fn cohere(messages: &[Value]) -> Result<Conversation, Error> {
    let Some(last) = messages.iter().rposition(|message| role(message) == "user") else {
        return Err(refused("No user message found — Cohere models require at least one user message"));
    };
    let mut out = Conversation { message: String::new(), history: Vec::new(), preamble: String::new() };
    for (at, message) in messages.iter().enumerate() {
        let text = text(message);
        match role(message) {
            "system" | "developer" if out.preamble.is_empty() => out.preamble = text,
            "system" | "developer" => out.preamble.extend(["\n", &text]),
            "user" if at == last => out.message = text,
            "user" => out.history.push(json!({ "role": "USER", "message": text })),
            "assistant" => out.history.push(spoken(message, &text)),
            "tool" => result(message, &text, messages, &mut out.history),
            other => return Err(refused(format_args!("nobody has the role `{other}`"))),
        }
    }
    Ok(out)
}

fn spoken(message: &Value, text: &str) -> Value {
    let mut turn = json!({ "role": "CHATBOT", "message": text });
    let calls = calls(message).map(tools::cohere_call).collect::<Vec<Value>>();
    if let Some(turn) = turn.as_object_mut().filter(|_| !calls.is_empty()) {
        turn.insert("toolCalls".into(), calls.into());
    }
    turn
}

/// What a tool gave, together with the call. Results that come one after another are one turn.
fn result(message: &Value, text: &str, messages: &[Value], history: &mut Vec<Value>) {
    let id = message.get("tool_call_id").unwrap_or(&Value::Null);
    let call = messages.iter().flat_map(calls).find(|call| call.get("id") == Some(id));
    let call = call.map_or_else(|| json!({ "name": "", "parameters": {} }), tools::cohere_call);
    let result = json!({ "call": call, "outputs": [{ "output": text }] });
    match history.last_mut().and_then(|turn| turn.get_mut("toolResults")?.as_array_mut()) {
        Some(results) => results.push(result),
        None => history.push(json!({ "role": "TOOL", "toolResults": [result] })),
    }
}

fn calls(message: &Value) -> impl Iterator<Item = &Value> {
    message.get("tool_calls").and_then(Value::as_array).into_iter().flatten()
}

/// The texts of a message: this format has no place for anything else.
fn text(message: &Value) -> String {
    match message.get("content") {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Array(parts)) => parts.iter().filter_map(|part| part.get("text")?.as_str()).collect(),
        _ => String::new(),
    }
}

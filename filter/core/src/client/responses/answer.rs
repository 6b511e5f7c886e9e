//! A whole chat answer, turned into a response.

use super::{custom, custom::Names, echo, object, reasoning, text, usage};
use crate::{wire::Target, wire::openai};
use serde_json::{Map, Value, json};

/// A `chat.completion` as a response.
pub fn response(mut chat: Value, target: &Target) -> Value {
    let mut take = |pointer: &str| chat.pointer_mut(pointer).map(Value::take).unwrap_or_default();
    let (created, finish) = (take("/created"), take("/choices/0/finish_reason"));
    let message = match take("/choices/0/message") {
        Value::Object(message) => message,
        _ => Map::new(),
    };
    let id = openai::id("resp_", target, 0);
    let ending = Ending::of(finish.as_str());
    let mut out = echo::response(target.call, &id, &created, false);
    ending.tell(&mut out);
    let names = Names::of(&target.call.body);
    out.insert("output".into(), output(message, ending.status(), &names, target).into());
    out.insert("usage".into(), usage::from_chat(chat.get("usage")));
    out.into()
}

/// How an answer ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// Everything was said.
    Complete,
    /// It became too long.
    Length,
    /// It must not be said.
    Filter,
}

impl Ending {
    /// By chat's finish reason.
    pub fn of(finish: Option<&str>) -> Self {
        match finish {
            Some("length") => Self::Length,
            Some("content_filter" | "refusal") => Self::Filter,
            _ => Self::Complete,
        }
    }

    /// The status of a response, and of what it was saying last.
    pub fn status(self) -> &'static str {
        if self == Self::Complete { "completed" } else { "incomplete" }
    }

    /// Writes it into a response.
    pub fn tell(self, response: &mut Map<String, Value>) {
        let reason = match self {
            Self::Complete => None,
            Self::Length => Some("max_output_tokens"),
            Self::Filter => Some("content_filter"),
        };
        response.insert("status".into(), self.status().into());
        if let Some(reason) = reason {
            response.insert("incomplete_details".into(), json!({ "reason": reason }));
        }
    }
}

/// First what was thought, then what was said, then what was called.
fn output(mut message: Map<String, Value>, status: &str, names: &Names, target: &Target) -> Vec<Value> {
    let mut out = Vec::new();
    let own = |prefix: &str, at: usize| openai::id(prefix, target, at.saturating_add(1));
    let thought = message.get("reasoning_content").and_then(Value::as_str).unwrap_or_default();
    let blocks =
        message.get("thinking_blocks").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let sealed = reasoning::sealed(blocks);
    if !thought.is_empty() || sealed.is_some() {
        out.push(thinking(&own("rs_", 0), thought, sealed, "completed"));
    }
    let parts = parts(&mut message);
    if !parts.is_empty() {
        out.push(said(&own("msg_", out.len()), parts, status));
    }
    for image in message.get("images").and_then(Value::as_array).into_iter().flatten() {
        out.extend(image_item(&own("ig_", out.len()), image));
    }
    for call in message.get("tool_calls").and_then(Value::as_array).into_iter().flatten() {
        let function = call.get("function").unwrap_or(&Value::Null);
        let arguments = match function.get("arguments") {
            Some(Value::String(text)) => text.clone(),
            None | Some(Value::Null) => String::new(),
            Some(other) => other.to_string(),
        };
        let id = own("fc_", out.len());
        let called = match text(call, "id") {
            "" => id.clone(),
            given => given.to_owned(),
        };
        out.push(call_item(&id, &called, text(function, "name"), &arguments, names, "completed"));
    }
    out
}

/// What a message says, in parts.
fn parts(message: &mut Map<String, Value>) -> Vec<Value> {
    let said = match message.shift_remove("content") {
        Some(Value::String(text)) => text,
        Some(Value::Array(parts)) => parts.iter().map(|part| text(part, "text")).collect(),
        _ => String::new(),
    };
    let notes = message.get("annotations").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let mut parts = Vec::new();
    if !said.is_empty() {
        parts.push(text_part(said, notes.iter().map(note).collect()));
    }
    let own = message.get("refusal").and_then(Value::as_str);
    let parked = || message.get("provider_specific_fields")?.get("refusal")?.as_str();
    if let Some(refusal) = own.or_else(parked).filter(|refusal| !refusal.is_empty()) {
        parts.push(refusal_part(refusal.to_owned()));
    }
    parts
}

/// A text, with what is cited in it.
pub fn text_part(text: String, annotations: Vec<Value>) -> Value {
    object([("type", "output_text".into()), ("text", text.into()), ("annotations", annotations.into())])
}

/// A refusal.
pub fn refusal_part(refusal: String) -> Value {
    object([("type", "refusal".into()), ("refusal", refusal.into())])
}

/// A message of these parts.
pub fn said(id: &str, parts: Vec<Value>, status: &str) -> Value {
    object([
        ("type", "message".into()),
        ("id", id.into()),
        ("status", status.into()),
        ("role", "assistant".into()),
        ("content", parts.into()),
    ])
}

/// What was thought.
pub fn thinking(id: &str, thought: &str, sealed: Option<String>, status: &str) -> Value {
    let summary = (!thought.is_empty()).then(|| summary_part(thought));
    let mut item = object([
        ("type", "reasoning".into()),
        ("id", id.into()),
        ("status", status.into()),
        ("summary", summary.into_iter().collect()),
    ]);
    if let (Some(sealed), Some(item)) = (sealed, item.as_object_mut()) {
        item.insert("encrypted_content".into(), sealed.into());
    }
    item
}

/// A part of what was thought.
pub fn summary_part(text: &str) -> Value {
    object([("type", "summary_text".into()), ("text", text.into())])
}

/// A call of a tool.
pub fn call_item(id: &str, call: &str, name: &str, arguments: &str, names: &Names, status: &str) -> Value {
    let (kind, given, value) = match names.has(name) {
        true if arguments.is_empty() => ("custom_tool_call", "input", String::new()),
        true => ("custom_tool_call", "input", custom::input(arguments)),
        false => ("function_call", "arguments", arguments.to_owned()),
    };
    object([
        ("type", kind.into()),
        ("id", id.into()),
        ("call_id", call.into()),
        ("name", name.into()),
        (given, value.into()),
        ("status", status.into()),
    ])
}

/// An image that was made: its bytes, in base64.
pub fn image_item(id: &str, image: &Value) -> Option<Value> {
    let (_, data) = image.pointer("/image_url/url")?.as_str()?.split_once("base64,")?;
    Some(object([
        ("type", "image_generation_call".into()),
        ("id", id.into()),
        ("status", "completed".into()),
        ("result", data.into()),
    ]))
}

/// What is cited is one level higher than in chat.
pub fn note(note: &Value) -> Value {
    match note.get("url_citation").and_then(Value::as_object) {
        Some(citation) => {
            let kind = [("type".to_owned(), Value::from("url_citation"))];
            Value::Object(kind.into_iter().chain(citation.clone()).collect())
        }
        None => note.clone(),
    }
}

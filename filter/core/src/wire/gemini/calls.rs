//! Calls of functions that the model made before, and what they gave.
//! <https://ai.google.dev/gemini-api/docs/function-calling>

use super::{SIGNED, bad_request, list, media, model::Model, text};
use crate::error::Error;
use serde_json::{Map, Value, json};

/// Stands where Gemini 3 expects a signature and the conversation has none: base64 of
/// `skip_thought_signature_validator`. <https://ai.google.dev/gemini-api/docs/thought-signatures>
const UNSIGNED: &str = "c2tpcF90aG91Z2h0X3NpZ25hdHVyZV92YWxpZGF0b3I=";

/// The calls made so far, id and name: a result names only the id.
#[derive(Debug, Default)]
pub struct Known(Vec<(String, String)>);

impl Known {
    /// Takes in what an assistant message calls.
    pub fn learn(&mut self, message: &Value) {
        for call in list(message.get("tool_calls")) {
            let name = call.pointer("/function/name").and_then(Value::as_str).unwrap_or_default();
            self.0.push((text(call, "id").to_owned(), name.to_owned()));
        }
    }

    fn name(&self, id: &str) -> Option<&str> {
        self.0.iter().rev().find(|(known, _)| known == id && !id.is_empty()).map(|(_, name)| name.as_str())
    }
}

/// The parts for the calls in an assistant message, the vendor's own tools behind the client's.
pub fn invocations(message: &Value, model: Model) -> Result<Vec<Value>, Error> {
    let mut parts = Vec::new();
    let legacy = message.get("function_call").filter(|call| call.is_object());
    let calls = list(message.get("tool_calls"));
    for call in calls.iter().filter(|call| call.get("function").is_some()) {
        let function = call.get("function").unwrap_or(&Value::Null);
        parts.push(invocation(function, Some(call), parts.is_empty(), model)?);
    }
    if let Some(function) = legacy.filter(|_| calls.is_empty()) {
        parts.push(invocation(function, None, true, model)?);
    }
    let served = message.pointer("/provider_specific_fields/server_side_tool_invocations");
    parts.extend(list(served).iter().flat_map(served_by_vendor));
    Ok(parts)
}

/// One call. The first of several carries the signature of the thought that led to them.
fn invocation(function: &Value, call: Option<&Value>, first: bool, model: Model) -> Result<Value, Error> {
    let mut own = Map::new();
    own.insert("name".into(), text(function, "name").into());
    own.insert("args".into(), arguments(function)?);
    let id = call.map(|call| bare(text(call, "id"))).filter(|id| !id.is_empty() && model.is_newer());
    if let Some(id) = id {
        own.insert("id".into(), id.into());
    }
    let mut part = Map::new();
    part.insert("function_call".into(), own.into());
    let signature = signature(function, call).or((first && model.is_newer()).then_some(UNSIGNED));
    if let Some(signature) = signature {
        part.insert("thoughtSignature".into(), signature.into());
    }
    Ok(part.into())
}

/// An id without the signature that clients carry in it.
fn bare(id: &str) -> &str {
    id.split_once(SIGNED).map_or(id, |(id, _)| id)
}

fn signature<'a>(function: &'a Value, call: Option<&'a Value>) -> Option<&'a str> {
    let stated = |of: &'a Value| of.pointer("/provider_specific_fields/thought_signature")?.as_str();
    let carried = || call?.get("id")?.as_str()?.split_once(SIGNED).map(|(_, signature)| signature);
    call.and_then(stated)
        .or_else(|| stated(function))
        .or_else(carried)
        .filter(|signature| !signature.is_empty())
}

fn arguments(function: &Value) -> Result<Value, Error> {
    let written = text(function, "arguments");
    if written.is_empty() {
        return Ok(json!({ "type": "object" }));
    }
    let refuse = |why: &dyn std::fmt::Display| {
        let name = text(function, "name");
        bad_request(format_args!("The arguments of the call of '{name}' are no JSON object: {why}"))
    };
    match serde_json::from_str(written) {
        Ok(Value::Null) => Ok(json!({})),
        Ok(arguments @ Value::Object(_)) => Ok(arguments),
        Ok(other) => Err(refuse(&other)),
        Err(error) => Err(refuse(&error)),
    }
}

/// A call of one of the vendor's tools and its answer, given back as they came.
fn served_by_vendor(made: &Value) -> Vec<Value> {
    let field = |name: &str| made.get(name).cloned().unwrap_or_default();
    let part = |name: &str, body: Value, signature: &str| {
        let mut part = Map::new();
        part.insert(name.into(), body);
        if let Some(signature) = made.get(signature) {
            part.insert("thoughtSignature".into(), signature.clone());
        }
        Value::Object(part)
    };
    let call = json!({ "toolType": field("tool_type"), "id": field("id"), "args": field("args") });
    let mut parts = vec![part("toolCall", call, "thought_signature")];
    if made.get("response").is_some() {
        let mut response =
            json!({ "id": field("id"), "response": field("response"), "toolType": field("tool_type") });
        if let Some(response) = response.as_object_mut() {
            response.retain(|name, value| name != "toolType" || !value.is_null());
        }
        parts.push(part("toolResponse", response, "response_thought_signature"));
    }
    parts
}

/// The part for what a function gave.
pub fn result(message: &Value, known: &Known, model: Model) -> Result<Value, Error> {
    let id = text(message, "tool_call_id");
    let name = known.name(id).unwrap_or_else(|| text(message, "name"));
    if name.is_empty() {
        return Err(bad_request(format_args!(
            "Missing corresponding tool call for tool response message. Received - tool_call_id={id}"
        )));
    }
    let (said, shown) = content(message, model)?;
    let mut own = Map::new();
    own.insert("name".into(), name.into());
    own.insert("response".into(), response(&said));
    if model.is_newer() && !bare(id).is_empty() {
        own.insert("id".into(), bare(id).into());
    }
    if !shown.is_empty() {
        own.insert("parts".into(), shown.into());
    }
    Ok(json!({ "function_response": own }))
}

/// The API takes an object: the client's own, or its text in one.
fn response(said: &str) -> Value {
    let object = said.trim_start().starts_with('{').then(|| serde_json::from_str(said).ok()).flatten();
    object.filter(Value::is_object).unwrap_or_else(|| json!({ "content": said }))
}

/// The text of a result, and what it shows.
fn content(message: &Value, model: Model) -> Result<(String, Vec<Value>), Error> {
    let (mut said, mut shown) = (String::new(), Vec::new());
    match message.get("content") {
        Some(Value::String(content)) => {
            match media::inline(content).filter(|(kind, _)| kind.starts_with("image/")) {
                Some(_) => shown.push(media::part(content, &Value::Null, model)?),
                None => said.clone_from(content),
            }
        }
        content => {
            for element in list(content) {
                said.push_str(if text(element, "type") == "text" { text(element, "text") } else { "" });
                if let Some(url) = shown_in(element) {
                    shown.push(media::part(&url, &Value::Null, model)?);
                }
            }
        }
    }
    Ok((said, shown))
}

/// The URL of what an element of a result shows, in any client's words.
fn shown_in(element: &Value) -> Option<String> {
    let either = |outer: &Value, inner: &str| {
        outer.as_str().or_else(|| outer.get(inner)?.as_str()).filter(|url| !url.is_empty()).map(str::to_owned)
    };
    match text(element, "type") {
        "input_image" | "image_url" => either(element.get("image_url")?, "url"),
        "file" | "input_file" => match text(element, "file_data") {
            "" => either(element.get("file")?, "file_data"),
            data => Some(data.to_owned()),
        },
        "image" => {
            let source = element.get("source").filter(|source| text(source, "type") == "base64")?;
            let kind =
                Some(text(source, "media_type")).filter(|kind| !kind.is_empty()).unwrap_or("image/jpeg");
            Some(format!("data:{kind};base64,{}", text(source, "data")))
        }
        _ => None,
    }
}

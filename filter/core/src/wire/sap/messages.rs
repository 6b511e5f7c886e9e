//! Messages, of which the template takes fewer fields and parts than `OpenAI`'s API.

use crate::error::Error;
use serde_json::{Map, Value, json};

/// From a message of a chat request.
pub fn message(message: Value) -> Result<Value, Error> {
    let Value::Object(mut message) = message else { return Err(refused("a message is an object")) };
    let role = message.get("role").and_then(Value::as_str).unwrap_or_default().to_owned();
    mark_last_part(&mut message);
    let fields: &[&str] = match role.as_str() {
        "system" | "developer" | "user" => &["content", "role"],
        "assistant" => &["content", "refusal", "role", "tool_calls"],
        "tool" => &["content", "role", "tool_call_id"],
        other => return Err(refused(format_args!("nobody has the role `{other}`"))),
    };
    message.retain(|name, value| fields.contains(&name.as_str()) && !value.is_null());
    if let Some(Value::Array(parts)) = message.get_mut("content") {
        for part in parts {
            *part = self::part(part, role == "user")?;
        }
    }
    if let Some(Value::Array(calls)) = message.get_mut("tool_calls") {
        for call in calls {
            *call = self::call(call);
        }
    }
    Ok(message.into())
}

/// A mark for the cache is a part's, and not a message's.
fn mark_last_part(message: &mut Map<String, Value>) {
    let Some(mark) = message.shift_remove("cache_control").filter(|mark| !mark.is_null()) else { return };
    match message.get_mut("content") {
        Some(content @ Value::String(_)) => {
            *content = json!([{ "type": "text", "text": content.take(), "cache_control": mark }]);
        }
        Some(Value::Array(parts)) => {
            if let Some(part) = parts.last_mut().and_then(Value::as_object_mut) {
                part.insert("cache_control".into(), mark);
            }
        }
        _ => {}
    }
}

/// A text; from users also an image.
fn part(part: &Value, from_user: bool) -> Result<Value, Error> {
    let kind = part.get("type").and_then(Value::as_str).unwrap_or("text");
    let mut out = match kind {
        "text" => only(part, &["text"]),
        "image_url" if from_user => {
            let image = part.get("image_url").map(|image| only(image, &["detail", "url"]));
            Map::from_iter([("image_url".to_owned(), image.unwrap_or_default().into())])
        }
        other => return Err(refused(format_args!("a part of the type `{other}` is not taken here"))),
    };
    out.insert("type".into(), kind.into());
    out.extend(only(part, &["cache_control"]));
    Ok(out.into())
}

fn call(call: &Value) -> Value {
    let mut out = only(call, &["id", "type"]);
    let function = call.get("function").map(|function| only(function, &["arguments", "name"]));
    out.insert("function".into(), function.unwrap_or_default().into());
    out.into()
}

/// The fields named, of an object that has them.
pub fn only(value: &Value, names: &[&str]) -> Map<String, Value> {
    let field = |name: &&str| Some(((*name).to_owned(), value.get(*name)?.clone()));
    names.iter().filter_map(field).filter(|(_, value)| !value.is_null()).collect()
}

/// What the API does not take: 400.
pub fn refused(why: impl std::fmt::Display) -> Error {
    Error::invalid(format!("litellm.BadRequestError: SapException - {why}"))
}

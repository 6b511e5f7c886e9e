//! The parts of an item's content, turned into chat's.

use super::{object, refused, text};
use crate::error::Error;
use serde_json::{Map, Value, json};

/// What a user or the system says.
pub fn heard(content: Value, at: &str) -> Result<Value, Error> {
    match content {
        Value::String(_) => Ok(content),
        Value::Null => Ok("".into()),
        Value::Array(parts) => Ok(parts.into_iter().filter_map(part).collect()),
        _ => Err(refused(at, "must be a string or a list of parts")),
    }
}

/// What the assistant said: text only, refusals among it.
pub fn spoken(content: Value, at: &str) -> Result<Value, Error> {
    let Value::Array(parts) = content else { return heard(content, at) };
    let said = parts.iter().filter_map(|part| {
        part.as_str().or_else(|| part.get("text")?.as_str()).or_else(|| part.get("refusal")?.as_str())
    });
    Ok(said.collect::<String>().into())
}

/// What a tool gave: a text, or parts where there is more than text in it.
pub fn result(output: Value, at: &str) -> Result<Value, Error> {
    let output = match output {
        Value::Object(_) | Value::Bool(_) | Value::Number(_) => return Ok(output.to_string().into()),
        output => heard(output, at)?,
    };
    let plain = |parts: &Vec<Value>| parts.iter().all(|part| text(part, "type") == "text");
    Ok(match output {
        Value::Array(parts) if plain(&parts) => {
            parts.iter().map(|part| text(part, "text")).collect::<String>().into()
        }
        output => output,
    })
}

/// A part without a translation goes as it is: the upstream may know it.
fn part(part: Value) -> Option<Value> {
    let mut part = match part {
        Value::Object(part) => part,
        Value::String(said) => return Some(json!({ "type": "text", "text": said })),
        _ => return None,
    };
    let kind = part.get("type").and_then(Value::as_str).unwrap_or("input_text");
    let mut out = match kind {
        "input_text" | "output_text" | "text" | "summary_text" => {
            let said = part.shift_remove("text").filter(Value::is_string)?;
            object([("type", "text".into()), ("text", said)])
        }
        "refusal" => object([("type", "text".into()), ("text", part.shift_remove("refusal")?)]),
        "input_image" => image(&mut part),
        "input_file" => file(&mut part),
        _ => return Some(part.into()),
    };
    if let (Some(control), Some(out)) = (part.shift_remove("cache_control"), out.as_object_mut()) {
        out.insert("cache_control".into(), control);
    }
    Some(out)
}

fn image(part: &mut Map<String, Value>) -> Value {
    let Some(url) = part.shift_remove("image_url").filter(Value::is_string) else { return file(part) };
    let detail = part.shift_remove("detail").filter(Value::is_string).unwrap_or_else(|| "auto".into());
    object([("type", "image_url".into()), ("image_url", object([("url", url), ("detail", detail)]))])
}

/// A file at an address has that for an id.
fn file(part: &mut Map<String, Value>) -> Value {
    let mut take = |name: &str| part.shift_remove(name).filter(Value::is_string);
    let id = take("file_id").or_else(|| take("file_url"));
    let fields = [("file_id", id), ("file_data", take("file_data")), ("filename", take("filename"))];
    let file = fields.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
    object([("type", "file".into()), ("file", Value::Object(file.collect()))])
}

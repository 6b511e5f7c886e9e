//! Content blocks, turned into the parts of a chat message.

use super::{object, refused};
use crate::error::Error;
use serde_json::{Map, Value};

/// Appends what a block of text, image, document or search result is in a chat message. A block of any other kind
/// goes on as it is: the upstream may know it.
pub(super) fn parts(block: Value, at: &str, out: &mut Vec<Value>) -> Result<(), Error> {
    let mut block = match block {
        Value::Object(block) => block,
        Value::String(text) => {
            out.push(text_part(text));
            return Ok(());
        }
        _ => return Err(refused(at, "must be a content block")),
    };
    let first = out.len();
    match block.get("type").and_then(Value::as_str) {
        Some("text") => out.push(text_part(text(&mut block, "text"))),
        Some("image" | "document") => source(&mut block, at, out)?,
        Some("search_result") => search_result(&mut block, at, out)?,
        Some(_) => {
            out.push(Value::Object(block));
            return Ok(());
        }
        None => return Err(refused(format!("{at}.type"), "field required")),
    }
    // A block may become several parts; the cache is to reach to the end of the last.
    if out.len() > first
        && let Some(last) = out.last_mut()
    {
        keep_cache_control(&mut block, last);
    }
    Ok(())
}

/// An image or a document, by where it comes from.
fn source(block: &mut Map<String, Value>, at: &str, out: &mut Vec<Value>) -> Result<(), Error> {
    let at = format!("{at}.source");
    let Some(Value::Object(mut source)) = block.shift_remove("source") else {
        return Err(refused(at, "field required"));
    };
    let url = match source.get("type").and_then(Value::as_str) {
        Some("base64") => {
            let kind = source.get("media_type").and_then(Value::as_str).unwrap_or("image/jpeg");
            let data = source.get("data").and_then(Value::as_str);
            let data = data.ok_or_else(|| refused(format!("{at}.data"), "field required"))?;
            let url = format!("data:{kind};base64,{data}");
            if kind == "application/pdf" {
                out.push(file(object([("filename", "document.pdf".into()), ("file_data", url.into())])));
                return Ok(());
            }
            url
        }
        Some("url") => string(&mut source, "url", &at)?,
        Some("text") => {
            out.push(titled(block, &string(&mut source, "data", &at)?));
            return Ok(());
        }
        Some("content") => return list(source.shift_remove("content"), &format!("{at}.content"), out),
        Some("file") => {
            out.push(file(object([("file_id", string(&mut source, "file_id", &at)?.into())])));
            return Ok(());
        }
        _ => {
            return Err(refused(
                format!("{at}.type"),
                "must be 'base64', 'url', 'text', 'content' or 'file'",
            ));
        }
    };
    out.push(object([("type", "image_url".into()), ("image_url", object([("url", url.into())]))]));
    Ok(())
}

fn file(file: Value) -> Value {
    object([("type", "file".into()), ("file", file)])
}

/// A plain-text document as text, under its title and context where it has them.
fn titled(block: &Map<String, Value>, data: &str) -> Value {
    let heading = ["title", "context"].iter().filter_map(|field| block.get(*field)?.as_str());
    let text: Vec<&str> = heading.chain([data]).collect();
    text_part(text.join("\n\n"))
}

fn text_part(text: String) -> Value {
    object([("type", "text".into()), ("text", text.into())])
}

fn search_result(block: &mut Map<String, Value>, at: &str, out: &mut Vec<Value>) -> Result<(), Error> {
    let heading: Vec<&str> =
        ["title", "source"].iter().filter_map(|field| block.get(*field)?.as_str()).collect();
    out.push(text_part(heading.join("\n")));
    list(block.shift_remove("content"), &format!("{at}.content"), out)
}

fn list(content: Option<Value>, at: &str, out: &mut Vec<Value>) -> Result<(), Error> {
    match content {
        Some(Value::Array(blocks)) => blocks
            .into_iter()
            .enumerate()
            .try_for_each(|(index, block)| parts(block, &format!("{at}.{index}"), out)),
        Some(text @ Value::String(_)) => parts(text, at, out),
        _ => Err(refused(at, "must be a string or a list of blocks")),
    }
}

/// A message's parts as its content: a single plain text is the text itself.
pub(super) fn flattened(mut parts: Vec<Value>) -> Value {
    match parts.as_mut_slice() {
        [] => Value::String(String::new()),
        [Value::Object(part)] if part.len() == 2 && part.get("text").is_some_and(Value::is_string) => {
            part.shift_remove("text").unwrap_or_default()
        }
        _ => Value::Array(parts),
    }
}

/// Moves `cache_control` to the part that stands for the block.
pub(super) fn keep_cache_control(block: &mut Map<String, Value>, part: &mut Value) {
    if let Some(control) = block.shift_remove("cache_control").filter(Value::is_object)
        && let Value::Object(part) = part
    {
        part.insert("cache_control".into(), control);
    }
}

/// Takes `cache_control` back out, for servers that would stumble over it.
pub(super) fn forget_cache_control(chat: &mut Map<String, Value>) {
    let forget = |value: &mut Value| {
        if let Value::Object(object) = value {
            object.shift_remove("cache_control");
        }
    };
    for tool in list_of(chat.get_mut("tools")) {
        forget(tool);
    }
    for message in list_of(chat.get_mut("messages")) {
        forget(message);
        list_of(message.get_mut("content")).iter_mut().for_each(forget);
        list_of(message.get_mut("tool_calls")).iter_mut().for_each(forget);
    }
}

fn list_of(value: Option<&mut Value>) -> &mut [Value] {
    value.and_then(Value::as_array_mut).map(Vec::as_mut_slice).unwrap_or_default()
}

/// A text field; empty where it is missing or no text.
pub(super) fn text(block: &mut Map<String, Value>, field: &str) -> String {
    match block.shift_remove(field) {
        Some(Value::String(text)) => text,
        _ => String::new(),
    }
}

/// A text field that must be there.
pub(super) fn string(block: &mut Map<String, Value>, field: &str, at: &str) -> Result<String, Error> {
    match block.shift_remove(field) {
        Some(Value::String(text)) => Ok(text),
        None => Err(refused(format!("{at}.{field}"), "field required")),
        Some(_) => Err(refused(format!("{at}.{field}"), "must be a string")),
    }
}

//! What users and tools say: texts, images, documents, results.

use super::{bad_request, messages::Functions, names};
use crate::error::Error;
use serde_json::{Map, Value, json};

/// Parts in the API's own form, passed on as they are.
const OWN: [&str; 4] = ["document", "image", "search_result", "container_upload"];

/// Whether a user's part has a place in the API.
pub fn renders(part: &Value) -> bool {
    let kind = part.get("type").and_then(Value::as_str).unwrap_or_default();
    matches!(kind, "text" | "image_url" | "file") || OWN.contains(&kind)
}

/// A user's message as blocks. Audio and video have no place in the API and are left out, as `LiteLLM` does.
pub fn user(mut message: Map<String, Value>, blocks: &mut Vec<Value>) -> Result<(), Error> {
    match message.remove("content") {
        Some(Value::String(text)) => blocks.push(cached(text_block(text), &mut message)),
        Some(Value::Array(parts)) => {
            for part in parts {
                match part {
                    Value::Object(part) => blocks.extend(user_part(part)?),
                    Value::String(text) => blocks.push(Value::Object(text_block(text))),
                    _ => return Err(bad_request("messages: content must hold objects")),
                }
            }
        }
        None | Some(Value::Null) => {}
        Some(_) => return Err(bad_request("messages: content must be a string or a list")),
    }
    Ok(())
}

fn user_part(mut part: Map<String, Value>) -> Result<Option<Value>, Error> {
    let block = match part.get("type").and_then(Value::as_str) {
        Some("text") => text(&mut part)?,
        Some("image_url") => image(part.remove("image_url"))?,
        Some("file") => file(part.get("file"))?,
        Some(kind) if OWN.contains(&kind) => {
            part.retain(|name, value| name != "cache_control" || value.is_object());
            return Ok(Some(Value::Object(part)));
        }
        _ => return Ok(None),
    };
    Ok(Some(cached(block, &mut part)))
}

fn text(part: &mut Map<String, Value>) -> Result<Map<String, Value>, Error> {
    match part.remove("text") {
        Some(Value::String(text)) => Ok(text_block(text)),
        _ => Err(bad_request("messages: a text part must have a `text`")),
    }
}

/// A block of text.
pub fn text_block(text: String) -> Map<String, Value> {
    block("text", "text", text.into())
}

/// Moves `cache_control` from what the client wrote to the block made of it.
pub fn cached(mut block: Map<String, Value>, from: &mut Map<String, Value>) -> Value {
    if let Some(cache) = from.remove("cache_control").filter(Value::is_object) {
        block.insert("cache_control".into(), cache);
    }
    Value::Object(block)
}

fn block(kind: &str, name: &str, value: Value) -> Map<String, Value> {
    let mut block = Map::new();
    block.insert("type".into(), kind.into());
    block.insert(name.into(), value);
    block
}

/// `image_url`, a string or an object with `url` and perhaps `format`, as an image block.
fn image(url: Option<Value>) -> Result<Map<String, Value>, Error> {
    let (url, format) = match url {
        Some(Value::String(url)) => (url, None),
        Some(Value::Object(mut given)) => match (given.remove("url"), given.remove("format")) {
            (Some(Value::String(url)), format) => (url, format),
            _ => return Err(bad_request("messages: an image_url must have a `url`")),
        },
        _ => return Err(bad_request("messages: an image_url must have a `url`")),
    };
    if url.starts_with("https://") || url.starts_with("http://") {
        return Ok(block("image", "source", json!({ "type": "url", "url": url })));
    }
    let source = base64(&url, format.as_ref().and_then(Value::as_str))?;
    Ok(block("image", "source", source))
}

/// The source behind a data URI; `format` overrules its media type.
fn base64(uri: &str, format: Option<&str>) -> Result<Value, Error> {
    let (media_type, data) =
        uri.strip_prefix("data:").and_then(|rest| rest.split_once(";base64,")).ok_or_else(|| {
            bad_request(
                "Image url not in expected format. Example Expected input - \"image_url\": \
                 \"data:image/jpeg;base64,{base64_image}\". Supported formats - ['image/jpeg', 'image/png', \
                 'image/gif', 'image/webp'].",
            )
        })?;
    let media_type = format.map_or_else(|| media_type.replace("\\/", "/"), str::to_owned);
    Ok(json!({ "type": "base64", "media_type": media_type, "data": data }))
}

/// A file, given by its data, by the id of an upload, or by its address.
/// <https://docs.anthropic.com/en/docs/build-with-claude/files>
fn file(file: Option<&Value>) -> Result<Map<String, Value>, Error> {
    let Some(file) = file else {
        return Err(bad_request("Content block has type='file' but is missing the required 'file' field"));
    };
    let member = |name: &str| file.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    let format = member("format");
    if let Some(data) = member("file_data") {
        return Ok(block("document", "source", base64(data, format)?));
    }
    let Some(id) = member("file_id") else {
        return Err(bad_request("Either file_data or file_id must be present in the file message"));
    };
    let uploaded = json!({ "type": "file", "file_id": id });
    Ok(match format {
        Some("application/pdf" | "text/plain") => block("document", "source", uploaded),
        Some("image/jpeg" | "image/png" | "image/gif" | "image/webp") => block("image", "source", uploaded),
        None if id.starts_with("http") => block("document", "source", json!({ "type": "url", "url": id })),
        _ => block("container_upload", "file_id", id.into()),
    })
}

/// The result of a tool, in a user's turn.
pub fn tool_result(mut message: Map<String, Value>, functions: &Functions) -> Result<Value, Error> {
    let id = match message.get("tool_call_id").and_then(Value::as_str) {
        Some(id) => names::call_id(id),
        None if message.get("role").is_some_and(|role| role == "function") => functions.result(),
        None => return Err(bad_request("messages: a tool message must have a `tool_call_id`")),
    };
    let content = match message.remove("content") {
        Some(text @ Value::String(_)) => text,
        Some(Value::Array(parts)) => {
            let mut blocks = Vec::with_capacity(parts.len());
            for part in parts {
                let Value::Object(part) = part else {
                    return Err(bad_request("messages: content must hold objects"));
                };
                blocks.extend(result_part(part)?);
            }
            blocks.into()
        }
        _ => "".into(),
    };
    let mut result = block("tool_result", "tool_use_id", id.into());
    result.insert("content".into(), content);
    if message.get("is_error") == Some(&Value::Bool(true)) {
        result.insert("is_error".into(), true.into());
    }
    Ok(cached(result, &mut message))
}

fn result_part(mut part: Map<String, Value>) -> Result<Option<Value>, Error> {
    let kind = part.get("type").and_then(Value::as_str).unwrap_or_default();
    if kind == "tool_reference" {
        return Ok(Some(Value::Object(part)));
    }
    // Documents come as data URIs too; as an image the API would refuse them.
    if kind == "image_url"
        && let Some(uri) = document_uri(&part)
    {
        let document = block("document", "source", base64(&uri, None)?);
        return Ok(Some(cached(document, &mut part)));
    }
    user_part(part)
}

fn document_uri(part: &Map<String, Value>) -> Option<String> {
    let given = part.get("image_url")?;
    let uri = given.as_str().or_else(|| given.get("url")?.as_str())?;
    let rest = uri.strip_prefix("data:")?;
    ["application/pdf", "text/plain"]
        .into_iter()
        .any(|media_type| rest.strip_prefix(media_type).is_some_and(|rest| rest.starts_with([';', ','])))
        .then(|| uri.to_owned())
}

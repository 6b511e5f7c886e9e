//! Parts with something else than text in them, turned into chat's.

use super::{object, take, text};
use serde_json::{Map, Value, json};

/// Bytes, or a file that Google has.
pub fn media(part: &mut Map<String, Value>) -> Option<Value> {
    if let Some(Value::Object(mut blob)) = take(part, "inlineData") {
        let kind = take(&mut blob, "mimeType")?.as_str()?.to_owned();
        let data = take(&mut blob, "data")?.as_str()?.to_owned();
        return Some(inline(&kind, &standard(data)));
    }
    let Some(Value::Object(mut file)) = take(part, "fileData") else { return None };
    let (kind, uri) = (take(&mut file, "mimeType").unwrap_or_default(), take(&mut file, "fileUri")?);
    Some(if kind.as_str().is_none_or(|kind| kind.starts_with("image/")) {
        object([("type", "image_url".into()), ("image_url", object([("url", uri)]))])
    } else {
        object([("type", "file".into()), ("file", object([("file_id", uri), ("format", kind)]))])
    })
}

fn inline(kind: &str, data: &str) -> Value {
    if let Some(format) = kind.strip_prefix("audio/") {
        let format = match format {
            "mpeg" => "mp3",
            "x-wav" => "wav",
            format => format,
        };
        return json!({ "type": "input_audio", "input_audio": { "data": data, "format": format } });
    }
    let url = format!("data:{kind};base64,{data}");
    if kind.starts_with("image/") {
        return json!({ "type": "image_url", "image_url": { "url": url } });
    }
    let name = if kind == "application/pdf" { "document.pdf" } else { "document" };
    json!({ "type": "file", "file": { "file_data": url, "filename": name } })
}

/// Google takes base64 in either alphabet, others in the usual one.
fn standard(data: String) -> String {
    if data.contains(['-', '_']) { data.replace('-', "+").replace('_', "/") } else { data }
}

/// What a function gave, as a tool's result: a text where it is nothing but that.
pub fn result(response: Option<Value>) -> String {
    let Some(response) = response else { return String::new() };
    let only = response.as_object().filter(|response| response.len() == 1);
    let told =
        only.and_then(|response| ["result", "output", "content"].iter().find_map(|name| response.get(*name)));
    match told {
        Some(Value::String(text)) => text.clone(),
        _ => response.to_string(),
    }
}

/// A call of a function, as chat has it.
pub fn call(id: &str, call: &Value) -> Value {
    let arguments =
        call.get("args").filter(|args| !args.is_null()).map_or_else(|| "{}".into(), Value::to_string);
    json!({ "id": id, "type": "function", "function": { "name": text(call, "name"), "arguments": arguments } })
}

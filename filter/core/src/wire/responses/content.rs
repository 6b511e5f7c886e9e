//! The content of a message in parts.

use super::{Style, object, text};
use serde_json::{Map, Value};

/// What a text or a list of chat's parts is here. What has no translation goes as it is.
pub fn parts(content: Value, role: &str, style: Style) -> Vec<Value> {
    match content {
        Value::Array(parts) => parts.into_iter().filter_map(|content| part(content, role, style)).collect(),
        Value::String(said) => vec![said_by(role, said)],
        Value::Null => vec![said_by(role, String::new())],
        other => vec![said_by(role, other.to_string())],
    }
}

fn said_by(role: &str, said: String) -> Value {
    let kind = if role == "assistant" { "output_text" } else { "input_text" };
    object([("type", kind.into()), ("text", said.into())])
}

fn part(mut part: Value, role: &str, style: Style) -> Option<Value> {
    if let Value::String(said) = part {
        return Some(said_by(role, said));
    }
    match text(&part, "type") {
        "text" => Some(said_by(role, text(&part, "text").to_owned())),
        "image_url" => Some(image(part.get_mut("image_url").map(Value::take).unwrap_or_default(), style)),
        "file" => match part.get_mut("file").map(Value::take) {
            Some(Value::Object(file)) => Some(input_file(file)),
            _ => None,
        },
        // Tools that were searched for and found are declared already.
        "tool_reference" => None,
        _ => Some(part),
    }
}

fn image(image: Value, style: Style) -> Value {
    let (url, detail) = match image {
        Value::Object(mut image) => (image.shift_remove("url"), image.shift_remove("detail")),
        url => (Some(url), None),
    };
    let detail = detail.filter(Value::is_string).or_else(|| style.chat.then(|| "auto".into()));
    let mut part = Map::from_iter([
        ("type".to_owned(), "input_image".into()),
        ("image_url".to_owned(), url.unwrap_or_default()),
    ]);
    part.extend(detail.map(|detail| ("detail".to_owned(), detail)));
    part.into()
}

fn input_file(file: Map<String, Value>) -> Value {
    let mut part = Map::from_iter([("type".to_owned(), "input_file".into())]);
    for (name, value) in file {
        if matches!(name.as_str(), "file_data" | "file_id" | "file_url" | "filename") {
            part.insert(name, value);
        }
    }
    part.into()
}

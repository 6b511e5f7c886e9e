//! Bodies that are no JSON, as the recordings write them: forms, files and sound.

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use tianji_core::form::{Form, Writer};

/// The content type of the forms that are filled in here.
pub const TYPE: &str = "multipart/form-data; boundary=recorded";

/// What the recorder's file held.
const FILE: &[u8] = b"RIFF0000WAVEfmt ";

/// The form that says the same as a recorded input, with the recorder's file, of the media type that either recorder
/// gives it.
pub fn filled(input: &Value, proxy: bool) -> Vec<u8> {
    let kind = if proxy { "audio/x-wav" } else { "audio/wav" };
    let mut form = Writer::new("recorded", FILE.len());
    let mut write = |name: &str, value: &Value| {
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        assert!(form.field(name, &text));
    };
    for (name, value) in input.as_object().into_iter().flatten() {
        match value {
            Value::Array(values) => values.iter().for_each(|value| write(&format!("{name}[]"), value)),
            value => write(name, value),
        }
    }
    form.file("file", "a.wav", Some(kind), FILE);
    form.finish()
}

/// A body on its way out: a form's parts by name and content, a file as text, or JSON.
pub fn body(content_type: &str, body: &[u8]) -> Value {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    match Form::read(content_type, body) {
        Ok(form) => sorted(form.parts.iter().map(|part| {
            let content = text(&body[part.content.clone()]);
            json!([part.name, part.filename, part.content_type, content])
        })),
        Err(_) => serde_json::from_slice(body).unwrap_or_else(|_| json!({ "text": text(body) })),
    }
}

/// A recorded body in the same form.
pub fn recorded(body: &Value) -> Value {
    let Some(parts) = body["multipart"].as_array() else { return body.clone() };
    let parameter = |part: &Value, name: &str| {
        let (_, rest) =
            part["headers"]["content-disposition"].as_str()?.split_once(&format!("; {name}=\""))?;
        Some(rest.split_once('"')?.0.to_owned())
    };
    sorted(parts.iter().map(|part| {
        let names = [parameter(part, "name"), parameter(part, "filename")];
        json!([names[0], names[1], part["headers"]["content-type"], part["content"]])
    }))
}

/// The order of a form's parts says nothing.
fn sorted(parts: impl Iterator<Item = Value>) -> Value {
    let mut parts: Vec<Value> = parts.collect();
    parts.sort_by_key(Value::to_string);
    parts.into()
}

/// An answer as the library gives it: sound in base64, a plain text as a transcript.
pub fn answer(content_type: &str, body: &[u8]) -> Value {
    match content_type.split('/').next() {
        Some("audio") => json!({ "content_base64": STANDARD.encode(body) }),
        Some("text") => json!({ "text": String::from_utf8_lossy(body) }),
        _ => serde_json::from_slice(body).unwrap(),
    }
}

/// Sound as the proxy's recordings write it.
pub fn sound(text: &Value) -> Value {
    json!({ "content_base64": STANDARD.encode(text.as_str().unwrap_or_default()) })
}

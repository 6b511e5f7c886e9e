//! The conversation: turns of user and model, of parts. Whoever speaks twice in a row has spoken once; results of
//! functions are a turn of their own. <https://ai.google.dev/api/caching#Content>

use super::{bad_request, calls, calls::Known, list, media, model::Model, text};
use crate::error::Error;
use serde_json::{Value, json};

/// A conversation as the API takes it.
#[derive(Debug, Default)]
pub struct Conversation {
    /// Parts of the system instruction.
    pub system: Vec<Value>,
    /// Turns.
    pub contents: Vec<Value>,
}

/// Whose turn it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    User,
    Model,
    Results,
}

impl Side {
    fn of(role: &str) -> Option<Self> {
        match role {
            "user" | "system" | "developer" => Some(Self::User),
            "assistant" => Some(Self::Model),
            "tool" | "function" => Some(Self::Results),
            _ => None,
        }
    }
}

/// Translates a list of messages.
pub fn conversation(messages: Vec<Value>, model: Model) -> Result<Conversation, Error> {
    let mut out = Conversation::default();
    let (mut side, mut parts, mut known) = (Side::User, Vec::new(), Known::default());
    let mut at = 0;
    for message in messages {
        let role = text(&message, "role");
        if matches!(role, "system" | "developer") && model.takes_system() {
            out.system.extend(instruction(&message));
            continue;
        }
        let Some(next) = Side::of(role) else {
            return Err(bad_request(format_args!("Invalid Message passed in - {message}")));
        };
        if next != side {
            out.turn(side, std::mem::take(&mut parts));
            side = next;
        }
        match side {
            Side::User => user(&message, at, model, &mut parts)?,
            Side::Model => {
                assistant(&message, model, &mut parts)?;
                known.learn(&message);
            }
            Side::Results => parts.push(calls::result(&message, &known, model)?),
        }
        at += 1;
    }
    out.turn(side, parts);
    if out.contents.is_empty() {
        // The API insists on somebody saying something.
        let nothing = if out.system.is_empty() { " " } else { "." };
        out.contents.push(json!({ "role": "user", "parts": [{ "text": nothing }] }));
    }
    Ok(out)
}

impl Conversation {
    fn turn(&mut self, side: Side, mut parts: Vec<Value>) {
        if parts.is_empty() {
            return;
        }
        // The API refuses a user's turn without a text.
        if side == Side::User && !parts.iter().any(|part| part.get("text").is_some()) {
            parts.push(json!({ "text": " " }));
        }
        let role = if side == Side::Model { "model" } else { "user" };
        self.contents.push(json!({ "role": role, "parts": parts }));
    }
}

/// The text of a system message is one part.
fn instruction(message: &Value) -> Option<Value> {
    match message.get("content")? {
        Value::String(said) => Some(json!({ "text": said })),
        Value::Array(parts) => {
            let said: String = parts.iter().map(|part| text(part, "text")).collect();
            Some(json!({ "text": said }))
        }
        _ => None,
    }
}

fn user(message: &Value, at: usize, model: Model, parts: &mut Vec<Value>) -> Result<(), Error> {
    if let Some(Value::String(said)) = message.get("content") {
        parts.push(json!({ "text": said }));
    }
    for (place, element) in list(message.get("content")).iter().enumerate() {
        match text(element, "type") {
            "text" if !text(element, "text").is_empty() => {
                parts.push(json!({ "text": text(element, "text") }));
            }
            "image_url" => parts.push(image(element, model)?),
            "input_audio" => parts.extend(sound(element)),
            "file" => parts.push(file(element, (at, place), model)?),
            _ => {}
        }
    }
    Ok(())
}

fn image(element: &Value, model: Model) -> Result<Value, Error> {
    let missing = |what: &str| {
        bad_request(format_args!("Invalid message content: element type is 'image_url' but {what}"))
    };
    match element.get("image_url") {
        Some(Value::String(url)) => media::part(url, &Value::Null, model),
        Some(image) if image.is_object() => match image.get("url").and_then(Value::as_str) {
            Some(url) => media::part(url, image, model),
            None => Err(missing("'url' field is missing inside 'image_url' ")),
        },
        _ => Err(missing("'image_url' field is missing ")),
    }
}

/// `OpenAI` names a sound by its ending, the API by its type.
fn sound(element: &Value) -> Option<Value> {
    let sound = element.get("input_audio")?;
    let (data, format) = (sound.get("data")?.as_str()?, sound.get("format")?.as_str()?);
    let kind = if format.starts_with("audio/") { format.to_owned() } else { format!("audio/{format}") };
    Some(json!({ "inline_data": { "data": data, "mime_type": kind } }))
}

/// A document; `place` is that of its message and that of the element in it.
fn file(element: &Value, place: (usize, usize), model: Model) -> Result<Value, Error> {
    let Some(file) = element.get("file") else {
        return Err(bad_request("Content block has type='file' but is missing the required 'file' field"));
    };
    let id = file.get("file_id").and_then(Value::as_str);
    let Some(passed) = id.or_else(|| file.get("file_data")?.as_str()) else {
        return Err(bad_request("Unknown file type. Please pass in a file_id or file_data"));
    };
    media::part(passed, file, model).map_err(|error| {
        let why = error.message.strip_prefix("litellm.BadRequestError: ").unwrap_or(&error.message).to_owned();
        bad_request(format_args!(
            "Unable to determine mime type for file: {}, set this explicitly using message[{}].content[{}].file.format \
             (or file.mime_type/content_type). Original error: {why}",
            id.unwrap_or("provided data"),
            place.0,
            place.1
        ))
    })
}

/// What the model said before, its thoughts first, its calls last.
fn assistant(message: &Value, model: Model, parts: &mut Vec<Value>) -> Result<(), Error> {
    if let Some(thought) = message.get("reasoning_content").and_then(Value::as_str) {
        parts.push(json!({ "thought": true, "text": thought }));
    }
    let invocations = calls::invocations(message, model)?;
    match message.get("content") {
        Some(Value::String(said)) => parts.push(signed(said, message, &invocations)),
        content => {
            let texts = list(content).iter().filter(|element| text(element, "type") == "text");
            parts.extend(texts.map(|element| json!({ "text": text(element, "text") })));
        }
    }
    for image in list(message.get("images")) {
        let Some(image) = image.get("image_url") else { continue };
        if !text(image, "url").is_empty() {
            parts.push(media::part(text(image, "url"), image, model)?);
        }
    }
    parts.extend(invocations);
    Ok(())
}

/// A text with the signature of the thought behind it, unless a call has it: it is paid for each time it is said.
fn signed(said: &str, message: &Value, invocations: &[Value]) -> Value {
    let signatures = message.pointer("/provider_specific_fields/thought_signatures");
    let own = list(signatures).first().and_then(Value::as_str);
    let taken = |signature: &str| invocations.iter().any(|part| text(part, "thoughtSignature") == signature);
    match own.filter(|signature| !taken(signature)) {
        Some(signature) => json!({ "text": said, "thoughtSignature": signature }),
        None => json!({ "text": said }),
    }
}

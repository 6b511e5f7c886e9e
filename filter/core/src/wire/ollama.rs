//! Ollama's own formats: conversations (`/api/chat`), prompts (`/api/generate`), vectors (`/api/embed`).
//! <https://docs.ollama.com/api>

mod answer;
mod embeddings;
mod messages;
mod options;
mod prompt;
mod stream;
#[cfg(test)]
mod tests;
mod tools;

use super::{Decoder, Framing, Target, Wire};
use crate::{error::Error, operation::Operation};
use serde_json::{Map, Value};

/// The format of conversations. <https://docs.ollama.com/api/chat>
#[derive(Debug, Clone, Copy)]
pub struct Chat;

/// The format of prompts. <https://docs.ollama.com/api/generate>
#[derive(Debug, Clone, Copy)]
pub struct Generate;

impl Wire for Chat {
    fn path(&self, target: &Target) -> String {
        path(target, "/api/chat")
    }

    fn supports(&self, operation: Operation) -> bool {
        supports(operation)
    }

    fn request(&self, chat: Map<String, Value>, target: &Target) -> Result<Value, Error> {
        match target.call.operation {
            Operation::Embeddings => embeddings::body(chat, target),
            _ => messages::body(chat, target),
        }
    }

    fn answer(&self, body: Value, target: &Target) -> Result<Value, Error> {
        answer(&body, target)
    }

    fn framing(&self) -> Framing {
        Framing::Lines
    }

    fn decoder(&self, target: &Target) -> Box<dyn Decoder> {
        Box::new(stream::Stream::new(target, false))
    }
}

impl Wire for Generate {
    fn path(&self, target: &Target) -> String {
        path(target, "/api/generate")
    }

    fn supports(&self, operation: Operation) -> bool {
        supports(operation)
    }

    fn request(&self, chat: Map<String, Value>, target: &Target) -> Result<Value, Error> {
        match target.call.operation {
            Operation::Embeddings => embeddings::body(chat, target),
            _ => prompt::body(chat, target),
        }
    }

    fn answer(&self, body: Value, target: &Target) -> Result<Value, Error> {
        answer(&body, target)
    }

    fn framing(&self) -> Framing {
        Framing::Lines
    }

    fn decoder(&self, target: &Target) -> Box<dyn Decoder> {
        Box::new(stream::Stream::new(target, tools::are_prompted(target)))
    }
}

fn path(target: &Target, chat: &str) -> String {
    match target.call.operation {
        Operation::Embeddings => "/api/embed".into(),
        _ => chat.into(),
    }
}

fn supports(operation: Operation) -> bool {
    operation.is_chat() || operation == Operation::Embeddings
}

fn answer(body: &Value, target: &Target) -> Result<Value, Error> {
    match target.call.operation {
        Operation::Embeddings => embeddings::answer(body, target),
        _ => answer::completion(body, target),
    }
}

/// A request this format cannot express: 400.
fn bad_request(message: impl std::fmt::Display) -> Error {
    Error::invalid(format!("litellm.BadRequestError: {message}"))
}

/// The items of a list; of anything else, none.
fn list(value: Option<&Value>) -> &[Value] {
    value.and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

/// A text member of an object; empty where there is none.
fn text<'a>(of: &'a Value, name: &str) -> &'a str {
    of.get(name).and_then(Value::as_str).unwrap_or_default()
}

//! Google's `generateContent` format. <https://ai.google.dev/api/generate-content>
//!
//! Spoken by Google AI Studio and by Vertex AI: what is theirs and not the format's (where a model is, which parameters
//! are refused, whether there are labels) stays with the provider.

mod answer;
mod calls;
mod candidate;
mod config;
mod contents;
mod embeddings;
mod errors;
mod grounding;
mod media;
mod model;
mod params;
mod request;
mod response;
mod schema;
mod speech;
mod stream;
#[cfg(test)]
mod tests;
mod thinking;
mod tools;
mod usage;

use super::{Decoder, Format, Target, Voice, Wire};
use crate::{error::Error, operation::Operation, providers::Facts, usage::Usage};
use serde_json::{Map, Value};

pub use errors::{of_object as fault, of_status as error};
pub use media::{has_type, is_uploaded};
pub use model::is_newer;

/// Between a tool call's id and the signature of the thought that led to it: clients that know nothing of signatures
/// still give them back.
const SIGNED: &str = "__thought__";

/// The format.
#[derive(Debug, Clone, Copy)]
pub struct This;

impl Wire for This {
    fn path(&self, target: &Target) -> String {
        let own = target.provider().path(target);
        own.unwrap_or_else(|| format!("/models/{}:{}", target.deployment.model, method(target)))
    }

    fn supports(&self, operation: Operation) -> bool {
        use Operation::{CountContent, Embeddings, Speech};
        operation.is_chat() || matches!(operation, CountContent | Embeddings | Speech)
    }

    fn voice(&self) -> Option<Voice> {
        Some(Voice::Held)
    }

    fn request(&self, chat: Map<String, Value>, target: &Target) -> Result<Value, Error> {
        match target.call.operation {
            Operation::Embeddings => embeddings::body(chat, target),
            Operation::Speech => speech::body(chat, target),
            _ => request::body(chat, target),
        }
    }

    fn answer(&self, body: Value, target: &Target) -> Result<Value, Error> {
        match target.call.operation {
            Operation::Embeddings => embeddings::answer(&body, target),
            Operation::Speech => speech::completion(&body, target),
            _ => answer::completion(&body, target),
        }
    }

    fn error(&self, facts: &Facts, status: u16, body: &[u8]) -> Error {
        errors::of_status(facts, status, body)
    }

    fn decoder(&self, target: &Target) -> Box<dyn Decoder> {
        Box::new(stream::Stream::new(target))
    }
}

/// The last part of a path: what is asked of a model, and how it is to be answered.
pub fn method(target: &Target) -> &'static str {
    match target.call.operation {
        Operation::CountContent => "countTokens",
        Operation::Embeddings => "batchEmbedContents",
        Operation::Images if painter(&target.deployment.model) == Format::Imagen => "predict",
        Operation::Images => "generateContent",
        _ if target.call.stream => "streamGenerateContent?alt=sse",
        _ => "generateContent",
    }
}

/// The format that a model which draws is spoken to in.
pub fn painter(model: &str) -> Format {
    if model.contains("gemini") { Format::GeminiImages } else { Format::Imagen }
}

/// The counts in a `usageMetadata`.
pub fn usage(usage: &Value) -> Option<Usage> {
    Usage::read(&usage::chat(usage, &[]))
}

/// A request this format cannot express: 400, in `LiteLLM`'s words.
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

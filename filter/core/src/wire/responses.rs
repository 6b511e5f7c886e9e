//! `OpenAI`'s Responses format. <https://platform.openai.com/docs/api-reference/responses>
//!
//! A conversation is a list of items here: messages, calls of tools, their results, reasoning. An answer is such a list,
//! too, and streamed it is the making of one.

mod answer;
mod content;
mod input;
mod reasoning;
mod request;
mod stream;
#[cfg(test)]
mod tests;
mod tools;
mod usage;

use super::{Decoder, Target, Wire, openai};
use crate::{error::Error, operation::Api};
pub use answer::{cause, failure};
pub use reasoning::is_sealed;
use serde_json::{Map, Value};
pub use usage::read as usage;

/// The format.
pub struct This;

/// What stands in front of the name of a model that is to be asked in this format.
const PREFIX: &str = "responses/";

impl Wire for This {
    fn path(&self, target: &Target) -> String {
        target.provider().path(target).unwrap_or_else(|| "/responses".into())
    }

    fn headers(&self, chat: &Map<String, Value>, target: &Target) -> Vec<(String, String)> {
        openai::This.headers(chat, target)
    }

    fn request(&self, chat: Map<String, Value>, target: &Target) -> Result<Value, Error> {
        request::build(chat, target).map(Value::Object)
    }

    fn answer(&self, body: Value, target: &Target) -> Result<Value, Error> {
        answer::completion(&body, target)
    }

    fn decoder(&self, target: &Target) -> Box<dyn Decoder> {
        Box::new(stream::Stream::new(target))
    }
}

/// The name of a model without what only says how it is to be asked.
pub fn name(model: &str) -> &str {
    model.strip_prefix(PREFIX).unwrap_or(model)
}

/// Whether a deployment's model is to be asked in this format, whatever it is asked.
pub fn is_only(model: &str, facts: &Map<String, Value>) -> bool {
    model.starts_with(PREFIX) || facts.get("mode").is_some_and(|mode| mode == "responses")
}

/// The API raises no smaller limit of an answer's length: it refuses it.
const LEAST: u64 = 16;

/// What holds for every request, whoever made it.
pub fn fit(asked: &mut Map<String, Value>) {
    if let Some(most) = asked.get_mut("max_output_tokens")
        && most.as_u64().is_some_and(|most| most < LEAST)
    {
        *most = LEAST.into();
    }
}

/// How the internal form was made: clients of the chat API can say some things that others leave open.
#[derive(Debug, Clone, Copy)]
struct Style {
    /// From a client of `OpenAI`'s chat API.
    chat: bool,
}

impl Style {
    fn of(target: &Target) -> Self {
        Self { chat: target.call.api() == Api::OpenAi }
    }
}

/// A JSON object of the fields given; unlike `json!` it moves the values in.
fn object<const N: usize>(fields: [(&str, Value); N]) -> Value {
    Value::Object(fields.map(|(name, value)| (name.to_owned(), value)).into_iter().collect())
}

/// A text member of an object; empty where there is none.
fn text<'a>(of: &'a Value, name: &str) -> &'a str {
    of.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// The items of a list; of anything else, none.
fn list(value: Option<&Value>) -> &[Value] {
    value.and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

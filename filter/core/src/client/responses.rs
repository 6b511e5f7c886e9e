//! `OpenAI`'s Responses API as clients speak it. <https://platform.openai.com/docs/api-reference/responses>
//!
//! Two ways through the gateway: to any chat upstream by translation ([`This`]), which keeps nothing from one response to
//! the next, and to an upstream that has the API itself, where everything passes as it is ([`Native`]).

mod answer;
mod content;
mod custom;
mod echo;
mod encoder;
mod events;
mod input;
mod native;
mod reasoning;
mod relay;
mod request;
mod tools;
mod usage;

#[cfg(test)]
mod tests;

pub use native::Native;

use super::{Dialect, Encoder};
use crate::{error::Error, wire::Target};
use serde_json::{Map, Value};

/// The dialect.
pub struct This;

impl Dialect for This {
    fn request(&self, target: &Target) -> Result<Map<String, Value>, Error> {
        request::chat(tree(&target.call.body)?, target)
    }

    fn answer(&self, chat: Value, target: &Target) -> Result<Value, Error> {
        Ok(answer::response(chat, target))
    }

    fn encoder(&self, target: &Target) -> Box<dyn Encoder> {
        Box::new(encoder::Events::new(target))
    }
}

fn tree(body: &[u8]) -> Result<Map<String, Value>, Error> {
    serde_json::from_slice(body).map_err(|e| Error::invalid(format!("Invalid JSON payload: {e}")))
}

/// A refusal of the client's own request, naming the field as `OpenAI` does (`input[0].content`).
fn refused(path: impl Into<String>, what: &str) -> Error {
    let path = path.into();
    Error { param: Some(path.clone()), ..Error::invalid(format!("{path}: {what}")) }
}

/// A JSON object of the fields given; unlike `json!` it moves the values in.
fn object<const N: usize>(fields: [(&str, Value); N]) -> Value {
    Value::Object(fields.map(|(name, value)| (name.to_owned(), value)).into_iter().collect())
}

/// A text member of an object; empty where there is none.
fn text<'a>(of: &'a Value, name: &str) -> &'a str {
    of.get(name).and_then(Value::as_str).unwrap_or_default()
}

//! Anthropic's Messages format. <https://docs.anthropic.com/en/api/messages>
//!
//! Spoken by Anthropic itself and, in slightly different envelopes, by Bedrock, Vertex and Azure: what is the vendor's
//! and not the format's (authentication, `anthropic_version` in the body, which betas exist) stays with the provider.

mod answer;
mod assistant;
mod betas;
mod content;
mod errors;
mod event;
mod messages;
pub(super) mod model;
pub(super) mod names;
mod params;
mod request;
mod response_format;
pub(super) mod schema;
mod server_tools;
mod stream;
mod system;
#[cfg(test)]
mod tests;
pub(super) mod thinking;
mod tool_kinds;
mod tools;
mod usage;

pub use betas::betas;
pub(super) use request::context_management;

use super::{Decoder, Target, Wire};
use crate::{error::Error, operation::Operation, providers::Facts};
use serde_json::{Map, Value};

/// The version every request names. <https://docs.anthropic.com/en/api/versioning>
pub const VERSION: &str = "2023-06-01";

/// The tool that carries a JSON answer where the model cannot be held to a schema natively.
pub(super) const JSON_TOOL: &str = "json_tool_call";

/// The format.
#[derive(Debug, Clone, Copy)]
pub struct This;

impl Wire for This {
    fn path(&self, target: &Target) -> String {
        target.provider().path(target).unwrap_or_else(|| "/v1/messages".into())
    }

    fn headers(&self, chat: &Map<String, Value>, target: &Target) -> Vec<(String, String)> {
        let mut headers = vec![("anthropic-version".into(), VERSION.into())];
        let betas = betas(chat, target);
        if !betas.is_empty() {
            headers.push(("anthropic-beta".into(), betas.join(",")));
        }
        let own = target.provider().facts().headers.iter();
        headers.extend(own.map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        headers
    }

    fn supports(&self, operation: Operation) -> bool {
        operation.is_chat() || operation == Operation::CountTokens
    }

    /// Features add up: the client's come beside those the request needs.
    fn join(&self, mut own: Vec<(String, String)>, extra: Vec<(String, String)>) -> Vec<(String, String)> {
        for (name, value) in extra {
            match own.iter_mut().find(|(known, _)| *known == name) {
                Some((_, features)) if name == "anthropic-beta" => *features = betas::join(features, &value),
                Some((_, known)) => *known = value,
                None => own.push((name, value)),
            }
        }
        own
    }

    fn request(&self, chat: Map<String, Value>, target: &Target) -> Result<Value, Error> {
        request::body(chat, target)
    }

    fn answer(&self, body: Value, target: &Target) -> Result<Value, Error> {
        answer::completion(body, target)
    }

    fn error(&self, facts: &Facts, status: u16, body: &[u8]) -> Error {
        errors::of_status(facts, status, body)
    }

    /// `LiteLLM` does not.
    fn tells_cost(&self) -> bool {
        false
    }

    fn decoder(&self, target: &Target) -> Box<dyn Decoder> {
        Box::new(stream::Stream::new(target))
    }
}

/// A request this format cannot express: 400, in `LiteLLM`'s words.
fn bad_request(message: impl std::fmt::Display) -> Error {
    Error::invalid(format!("litellm.BadRequestError: AnthropicException - {message}"))
}

//! Bedrock's Converse format, one for the models of all vendors.
//! <https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html>
//!
//! What is not common to all models goes into `additionalModelRequestFields`, in the vendor's own terms.

mod answer;
mod assistant;
mod content;
mod context;
mod media;
mod messages;
mod model;
mod names;
mod params;
mod reasoning;
mod request;
mod response_format;
mod stream;
mod system;
#[cfg(test)]
mod tests;
mod tools;
mod usage;

use super::{Decoder, Framing, Target, Wire, bedrock};
use crate::{error::Error, providers::Facts};
use model::Model;
use serde_json::{Map, Value};

/// The format.
#[derive(Debug, Clone, Copy)]
pub struct This;

impl Wire for This {
    fn path(&self, target: &Target) -> String {
        let model = Model::of(target);
        let streams = target.call.stream && model.streams();
        let action = if streams { "converse-stream" } else { "converse" };
        format!("/model/{}/{action}", bedrock::segment(model.id(), b""))
    }

    fn request(&self, chat: Map<String, Value>, target: &Target) -> Result<Value, Error> {
        request::body(chat, target)
    }

    fn answer(&self, body: Value, target: &Target) -> Result<Value, Error> {
        answer::completion(body, target)
    }

    fn error(&self, facts: &Facts, status: u16, body: &[u8]) -> Error {
        bedrock::of_status(facts, status, body)
    }

    fn framing(&self) -> Framing {
        Framing::EventStream
    }

    fn decoder(&self, target: &Target) -> Box<dyn Decoder> {
        Box::new(stream::Stream::new(target))
    }
}

/// A request this format cannot express: 400, in `LiteLLM`'s words.
fn bad_request(message: impl std::fmt::Display) -> Error {
    Error::invalid(format!("litellm.BadRequestError: BedrockException - {message}"))
}

/// `OpenAI`'s finish reason for the API's stop reason.
fn finish_reason(stop_reason: &str) -> &'static str {
    match stop_reason {
        "max_tokens" | "model_context_window_exceeded" => "length",
        "tool_use" => "tool_calls",
        "guardrail_intervened" | "content_filtered" => "content_filter",
        _ => "stop",
    }
}

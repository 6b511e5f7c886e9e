//! Anthropic's Messages API as clients speak it. <https://docs.anthropic.com/en/api/messages>
//!
//! Two ways through the gateway: to any chat upstream by translation ([`This`]), and to an upstream that speaks
//! Messages itself, where everything passes as it is ([`Native`]).

mod answer;
mod content;
mod count;
mod encoder;
mod events;
mod messages;
mod names;
mod native;
mod relay;
mod request;
mod tools;
mod usage;

#[cfg(test)]
mod tests;

pub use native::Native;

use super::{Dialect, Encoder};
use crate::{
    error::Error,
    wire::{Format, Target},
};
use names::Names;
use serde_json::{Map, Value};

/// The dialect.
pub struct This;

impl Dialect for This {
    fn request(&self, target: &Target) -> Result<Map<String, Value>, Error> {
        let mut chat = request::chat(tree(&target.call.body)?)?;
        // A model that does not reason need not be told not to.
        if chat.get("reasoning_effort").is_some_and(|effort| effort == "none")
            && target.deployment.supports("supports_reasoning") != Some(true)
        {
            chat.shift_remove("reasoning_effort");
        }
        if target.deployment.format() == Format::OpenAi
            && target.deployment.supports("supports_prompt_caching") != Some(true)
        {
            content::forget_cache_control(&mut chat);
        }
        Ok(chat)
    }

    fn answer(&self, chat: Value, target: &Target) -> Result<Value, Error> {
        Ok(answer::message(chat, &Names::of(&target.call.body)))
    }

    fn encoder(&self, target: &Target) -> Box<dyn Encoder> {
        Box::new(encoder::Events::new(target.call.model.as_str(), Names::of(&target.call.body)))
    }
}

/// `{"input_tokens": n}` for the body of a Messages request, for upstreams that cannot be asked: an estimate.
pub fn input_tokens(body: &[u8]) -> Result<Value, Error> {
    Ok(count::input_tokens(&tree(body)?))
}

fn tree(body: &[u8]) -> Result<Map<String, Value>, Error> {
    serde_json::from_slice(body).map_err(|e| Error::invalid(format!("Invalid JSON payload: {e}")))
}

/// A refusal of the client's own request, naming the field as Anthropic does (`messages.0.content.1: …`).
fn refused(path: impl Into<String>, what: &str) -> Error {
    let path = path.into();
    Error { param: Some(path.clone()), ..Error::invalid(format!("{path}: {what}")) }
}

/// A JSON object of the fields given; unlike `json!` it moves the values in.
fn object<const N: usize>(fields: [(&str, Value); N]) -> Value {
    Value::Object(fields.map(|(name, value)| (name.to_owned(), value)).into_iter().collect())
}

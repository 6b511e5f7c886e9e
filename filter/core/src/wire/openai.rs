//! `OpenAI`'s format: chat completions and embeddings. <https://platform.openai.com/docs/api-reference>

mod answer;
mod chunks;
mod direct;
pub mod families;
mod fields;
mod messages;
mod plain;
mod relay;
mod request;
mod thoughts;
pub(super) use chunks::Chunks;
pub(super) use messages::hoist_images;
pub(super) use request::fit;
pub(super) use thoughts::Thoughts;

use super::{Decoder, Target, Wire};
use crate::{error::Error, operation::Operation};
pub use direct::Direct;
pub(super) use fields::id;
pub use messages::{Content, Rules};
use serde_json::{Map, Value};

/// The format.
pub struct This;

impl Wire for This {
    fn path(&self, target: &Target) -> String {
        let own = target.provider().path(target);
        own.unwrap_or_else(|| match target.call.operation {
            Operation::Embeddings => "/embeddings".into(),
            _ => "/chat/completions".into(),
        })
    }

    fn headers(&self, _chat: &Map<String, Value>, target: &Target) -> Vec<(String, String)> {
        let organization = target.deployment.params.get("organization").and_then(Value::as_str);
        let organization = organization.map(|id| ("openai-organization", id));
        let headers = target.provider().facts().headers.iter().copied().chain(organization);
        headers.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
    }

    fn supports(&self, operation: Operation) -> bool {
        matches!(operation, Operation::Chat | Operation::Messages | Operation::Embeddings)
    }

    fn request(&self, chat: Map<String, Value>, target: &Target) -> Result<Value, Error> {
        request::build(chat, target).map(Value::Object)
    }

    fn answer(&self, body: Value, target: &Target) -> Result<Value, Error> {
        answer::normalise(body, target)
    }

    fn decoder(&self, target: &Target) -> Box<dyn Decoder> {
        Box::new(chunks::Chunks::new(target))
    }
}

#[cfg(test)]
mod tests;

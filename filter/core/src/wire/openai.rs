//! `OpenAI`'s format: chat completions, embeddings, moderations, audio. <https://platform.openai.com/docs/api-reference>

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
mod transcription;
pub(crate) use answer::without;
pub(super) use chunks::Chunks;
pub(super) use messages::hoist_images;
pub(super) use request::{check, fit};
pub(super) use thoughts::Thoughts;

use super::{Decoder, Scribe, Target, Voice, Wire};
use crate::{error::Error, operation::Operation};
pub use direct::Direct;
pub use fields::id;
pub use messages::{Content, Rules};
use serde_json::{Map, Value};

/// The format.
pub struct This;

/// Where an operation is served, below the base URL.
pub fn path(operation: Operation) -> &'static str {
    match operation {
        Operation::Embeddings => "/embeddings",
        Operation::Moderations => "/moderations",
        Operation::Speech => "/audio/speech",
        Operation::Transcription => "/audio/transcriptions",
        _ => "/chat/completions",
    }
}

impl Wire for This {
    fn path(&self, target: &Target) -> String {
        target.provider().path(target).unwrap_or_else(|| path(target.call.operation).into())
    }

    fn headers(&self, _chat: &Map<String, Value>, target: &Target) -> Vec<(String, String)> {
        let organization = target.deployment.params.get("organization").and_then(Value::as_str);
        let organization = organization.map(|id| ("openai-organization", id));
        let headers = target.provider().facts().headers.iter().copied().chain(organization);
        headers.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
    }

    fn supports(&self, operation: Operation) -> bool {
        use Operation::{Embeddings, Moderations, Speech, Transcription};
        operation.is_chat() || matches!(operation, Embeddings | Moderations | Speech | Transcription)
    }

    fn voice(&self) -> Option<Voice> {
        Some(Voice::Sound)
    }

    fn scribe(&self) -> Option<&'static dyn Scribe> {
        Some(&Self)
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

//! Cohere's format, version 2. <https://docs.cohere.com/v2/reference/chat>
//!
//! Its requests are `OpenAI`'s with a few other names, which are facts of the provider. Its answers are not.

mod answer;
mod embeddings;
mod stream;
#[cfg(test)]
mod tests;

use super::{Decoder, Framing, Target, Wire, openai};
use crate::{error::Error, operation::Operation};
use serde_json::{Map, Value};

/// The format.
#[derive(Debug, Clone, Copy)]
pub struct This;

impl Wire for This {
    fn path(&self, target: &Target) -> String {
        match target.call.operation {
            Operation::Embeddings => "/embed".into(),
            _ => "/chat".into(),
        }
    }

    fn headers(&self, _chat: &Map<String, Value>, target: &Target) -> Vec<(String, String)> {
        let chat = target.call.operation != Operation::Embeddings;
        let headers = target.provider().facts().headers.iter().filter(|_| chat);
        headers.map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    fn supports(&self, operation: Operation) -> bool {
        operation.is_chat() || operation == Operation::Embeddings
    }

    fn request(&self, chat: Map<String, Value>, target: &Target) -> Result<Value, Error> {
        match target.call.operation {
            Operation::Embeddings => embeddings::body(chat, target),
            _ => openai::This.request(chat, target),
        }
    }

    fn answer(&self, body: Value, target: &Target) -> Result<Value, Error> {
        match target.call.operation {
            Operation::Embeddings => embeddings::answer(&body, target),
            _ => answer::completion(body, target),
        }
    }

    /// Server-sent events, the data of each on one line. Lines of bare JSON are understood, too.
    fn framing(&self) -> Framing {
        Framing::Lines
    }

    fn decoder(&self, target: &Target) -> Box<dyn Decoder> {
        Box::new(stream::Stream::new(target))
    }
}

//! `OpenAI`'s format for models that go on with a text. <https://platform.openai.com/docs/api-reference/completions>

mod native;

use super::{
    Decoder, Target, Wire, openai, prompts,
    texts::{self, Pieces, Said},
};
use crate::{error::Error, operation::Operation};
pub use native::Native;
use serde_json::{Map, Value};

/// The format.
pub struct This;

impl Wire for This {
    fn path(&self, target: &Target) -> String {
        target.provider().path(target).unwrap_or_else(|| "/completions".into())
    }

    fn headers(&self, asked: &Map<String, Value>, target: &Target) -> Vec<(String, String)> {
        openai::This.headers(asked, target)
    }

    fn supports(&self, operation: Operation) -> bool {
        operation.is_chat()
    }

    /// A conversation, one message after the other.
    fn request(&self, chat: Map<String, Value>, target: &Target) -> Result<Value, Error> {
        let (messages, mut body) = texts::split(chat, target)?;
        body.insert("model".into(), target.deployment.model.as_str().into());
        body.insert("prompt".into(), prompts::paragraphs(&prompts::turns(&messages)).into());
        if target.call.stream {
            body.insert("stream".into(), true.into());
        }
        Ok(body.into())
    }

    fn answer(&self, body: Value, target: &Target) -> Result<Value, Error> {
        texts::completion(&body, read(&body), target)
    }

    fn decoder(&self, target: &Target) -> Box<dyn Decoder> {
        Box::new(Pieces::new(target, read))
    }
}

/// The first choice: who chats asks for one.
fn read(body: &Value) -> Said {
    let choice = |name: &str| body.pointer("/choices/0")?.get(name)?.as_str();
    let count = |name: &str| body.pointer("/usage")?.get(name)?.as_u64();
    Said {
        text: choice("text").map(str::to_owned),
        finish: choice("finish_reason").map(|reason| match reason {
            "length" => "length",
            "content_filter" => "content_filter",
            _ => "stop",
        }),
        usage: count("prompt_tokens").zip(count("completion_tokens")),
    }
}

#[cfg(test)]
mod tests;

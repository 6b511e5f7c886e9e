//! Anthropic's Messages in the envelope of `InvokeModel`: the model is in the path, the version in the body, a streamed
//! answer's events are in AWS's framing.
//! <https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-anthropic-claude-messages.html>

use super::{Name, in_stream, of_status, segment};
use crate::{
    error::Error,
    providers::Facts,
    sse::Event,
    wire::{Decoder, Framing, Target, Wire, anthropic},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde::Deserialize;
use serde_json::{Map, Value};

/// The version every request names.
const VERSION: &str = "bedrock-2023-05-31";

/// The format.
#[derive(Debug, Clone, Copy)]
pub struct This;

impl Wire for This {
    fn path(&self, target: &Target) -> String {
        let given = target.deployment.params.get("model_id").and_then(Value::as_str);
        let id = given.unwrap_or_else(|| Name::of(&target.deployment.model).id());
        let action = if target.call.stream { "invoke-with-response-stream" } else { "invoke" };
        format!("/model/{}/{action}", segment(id, b":"))
    }

    fn request(&self, chat: Map<String, Value>, target: &Target) -> Result<Value, Error> {
        let betas = anthropic::betas(&chat, target);
        let mut body = anthropic::This.request(chat, target)?;
        if let Value::Object(body) = &mut body {
            body.retain(|name, _| !matches!(name.as_str(), "model" | "stream"));
            body.insert("anthropic_version".into(), VERSION.into());
            if !betas.is_empty() {
                body.insert("anthropic_beta".into(), betas.into());
            }
        }
        Ok(body)
    }

    fn answer(&self, body: Value, target: &Target) -> Result<Value, Error> {
        anthropic::This.answer(body, target)
    }

    fn error(&self, facts: &Facts, status: u16, body: &[u8]) -> Error {
        of_status(facts, status, body)
    }

    fn framing(&self) -> Framing {
        Framing::EventStream
    }

    fn decoder(&self, target: &Target) -> Box<dyn Decoder> {
        let facts = target.provider().facts();
        Box::new(Chunks { facts, inner: anthropic::This.decoder(target), event: Event::default() })
    }
}

/// Unpacks events.
struct Chunks {
    facts: &'static Facts,
    inner: Box<dyn Decoder>,
    /// Its memory is kept.
    event: Event,
}

/// The payload of a `chunk`.
#[derive(Deserialize)]
struct Chunk<'a> {
    /// Base64 of an event's JSON.
    bytes: &'a str,
}

impl Decoder for Chunks {
    fn push(&mut self, event: &Event, out: &mut Vec<Value>) -> Result<(), Error> {
        if let Some(error) = in_stream(self.facts, event) {
            return Err(error);
        }
        // One malformed event does not end a stream.
        let Ok(chunk) = serde_json::from_str::<Chunk>(&event.data) else { return Ok(()) };
        let Some(text) = STANDARD.decode(chunk.bytes).ok().and_then(|bytes| String::from_utf8(bytes).ok())
        else {
            return Ok(());
        };
        self.event.data = text;
        self.inner.push(&self.event, out)
    }

    fn end(&mut self, out: &mut Vec<Value>) -> Result<(), Error> {
        self.inner.end(out)
    }
}

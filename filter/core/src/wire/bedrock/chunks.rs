//! What `InvokeModelWithResponseStream` puts around a vendor's own events.
//! <https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_PayloadPart.html>

use super::in_stream;
use crate::{
    error::Error,
    providers::Facts,
    sse::Event,
    wire::{Decoder, Target},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde::Deserialize;
use serde_json::Value;

/// Unpacks events for the vendor's decoder.
pub struct Chunks {
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

/// The vendor's own event in a `chunk`.
pub fn unpack(event: &Event) -> Option<String> {
    let chunk: Chunk = serde_json::from_str(&event.data).ok()?;
    String::from_utf8(STANDARD.decode(chunk.bytes).ok()?).ok()
}

impl Chunks {
    /// Around `inner`, for the answer of `target`.
    pub fn new(target: &Target, inner: Box<dyn Decoder>) -> Self {
        Self { facts: target.provider().facts(), inner, event: Event::default() }
    }
}

impl Decoder for Chunks {
    fn push(&mut self, event: &Event, out: &mut Vec<Value>) -> Result<(), Error> {
        if let Some(error) = in_stream(self.facts, event) {
            return Err(error);
        }
        // One malformed event does not end a stream.
        let Some(text) = unpack(event) else { return Ok(()) };
        self.event.data = text;
        self.inner.push(&self.event, out)
    }

    fn end(&mut self, out: &mut Vec<Value>) -> Result<(), Error> {
        self.inner.end(out)
    }
}

//! Endpoints that speak `OpenAI`'s chat format.
//! <https://docs.djl.ai/master/docs/serving/serving/docs/lmi/user_guides/chat_input_output_schema.html>

use super::{headers, path};
use crate::{
    error::Error,
    providers::Facts,
    sse,
    wire::{Decoder, Framing, Target, Wire, bedrock, openai},
};
use serde_json::{Map, Value};

/// The format.
#[derive(Debug, Clone, Copy)]
pub struct This;

impl Wire for This {
    fn path(&self, target: &Target) -> String {
        path(target)
    }

    fn headers(&self, _chat: &Map<String, Value>, target: &Target) -> Vec<(String, String)> {
        headers(target)
    }

    fn request(&self, mut chat: Map<String, Value>, target: &Target) -> Result<Value, Error> {
        for steers in ["model_id", "region_name"] {
            chat.shift_remove(steers);
        }
        openai::This.request(chat, target)
    }

    fn answer(&self, body: Value, target: &Target) -> Result<Value, Error> {
        openai::This.answer(body, target)
    }

    fn error(&self, facts: &Facts, status: u16, body: &[u8]) -> Error {
        bedrock::of_status(facts, status, body)
    }

    fn framing(&self) -> Framing {
        Framing::PayloadParts
    }

    fn decoder(&self, target: &Target) -> Box<dyn Decoder> {
        Box::new(Guarded { facts: target.provider().facts(), inner: openai::This.decoder(target) })
    }
}

/// The framing's own errors, before anything of the model's.
struct Guarded {
    facts: &'static Facts,
    inner: Box<dyn Decoder>,
}

impl Decoder for Guarded {
    fn push(&mut self, event: &sse::Event, out: &mut Vec<Value>) -> Result<(), Error> {
        match bedrock::in_stream(self.facts, event) {
            Some(error) => Err(error),
            None => self.inner.push(event, out),
        }
    }

    fn end(&mut self, out: &mut Vec<Value>) -> Result<(), Error> {
        self.inner.end(out)
    }
}

//! Imported models that speak `OpenAI`'s format, by `InvokeModel`.
//! <https://docs.aws.amazon.com/bedrock/latest/userguide/invoke-imported-model.html>

use super::{Name, chunks::Chunks, invoke_path, of_status};
use crate::{
    error::Error,
    parameters,
    providers::Facts,
    wire::{Decoder, Framing, Target, Wire, openai},
};
use serde_json::{Map, Value};

/// The format.
#[derive(Debug, Clone, Copy)]
pub struct This;

impl Wire for This {
    fn path(&self, target: &Target) -> String {
        invoke_path(target, target.call.stream)
    }

    fn request(&self, mut chat: Map<String, Value>, target: &Target) -> Result<Value, Error> {
        parameters::check(&mut chat, target.deployment, &["reasoning_effort"], |_| true)?;
        let mut body = openai::This.request(chat, target)?;
        if let Value::Object(body) = &mut body {
            body.insert("model".into(), Name::of(&target.deployment.model).id().into());
            body.retain(|name, _| {
                name != "stream" && (name != "stream_options" || target.call.include_usage)
            });
        }
        Ok(body)
    }

    fn answer(&self, body: Value, target: &Target) -> Result<Value, Error> {
        openai::This.answer(body, target)
    }

    fn error(&self, facts: &Facts, status: u16, body: &[u8]) -> Error {
        of_status(facts, status, body)
    }

    fn framing(&self) -> Framing {
        Framing::EventStream
    }

    fn decoder(&self, target: &Target) -> Box<dyn Decoder> {
        Box::new(Chunks::new(target, openai::This.decoder(target)))
    }
}

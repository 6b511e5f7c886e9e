//! Amazon's Nova by `InvokeModel`: Converse's bodies, without what only Converse has; an event is named by its one member.
//! <https://docs.aws.amazon.com/nova/latest/userguide/complete-request-schema.html>

use super::{chunks::Chunks, invoke_path, of_status};
use crate::{
    error::Error,
    providers::Facts,
    sse::Event,
    wire::{Decoder, Framing, Target, Wire, converse},
};
use serde_json::{Map, Value};

/// The format.
#[derive(Debug, Clone, Copy)]
pub struct This;

/// The members of a body.
const OWN: [&str; 4] = ["inferenceConfig", "messages", "system", "toolConfig"];

impl Wire for This {
    fn path(&self, target: &Target) -> String {
        invoke_path(target, target.call.stream)
    }

    fn request(&self, chat: Map<String, Value>, target: &Target) -> Result<Value, Error> {
        let mut body = converse::This.request(chat, target)?;
        if let Value::Object(body) = &mut body {
            body.retain(|name, _| OWN.contains(&name.as_str()));
            if let Some(Value::Array(system)) = body.get_mut("system") {
                inline_cache_points(system);
            }
            let messages = body.get_mut("messages").and_then(Value::as_array_mut).into_iter().flatten();
            messages
                .filter_map(|message| message.get_mut("content")?.as_array_mut())
                .for_each(inline_cache_points);
        }
        Ok(body)
    }

    fn answer(&self, body: Value, target: &Target) -> Result<Value, Error> {
        converse::This.answer(body, target)
    }

    fn error(&self, facts: &Facts, status: u16, body: &[u8]) -> Error {
        of_status(facts, status, body)
    }

    fn framing(&self) -> Framing {
        Framing::EventStream
    }

    fn decoder(&self, target: &Target) -> Box<dyn Decoder> {
        Box::new(Chunks::new(target, Box::new(Named(converse::This.decoder(target)))))
    }
}

/// Here a cache point is no block of its own, but a member of the text it follows.
fn inline_cache_points(blocks: &mut Vec<Value>) {
    let mut own: Vec<Value> = Vec::with_capacity(blocks.len());
    for mut block in blocks.drain(..) {
        let Some(point) = block.get_mut("cachePoint").map(Value::take) else {
            own.push(block);
            continue;
        };
        let text = own.iter_mut().rfind(|block| block.get("text").is_some());
        if let Some(Value::Object(text)) = text {
            text.insert("cachePoint".into(), point);
        }
    }
    *blocks = own;
}

/// Gives events their names.
struct Named(Box<dyn Decoder>);

impl Decoder for Named {
    fn push(&mut self, event: &Event, out: &mut Vec<Value>) -> Result<(), Error> {
        let Ok(members) = serde_json::from_str::<Map<String, Value>>(&event.data) else { return Ok(()) };
        for (name, data) in members {
            self.0.push(&Event { name, data: data.to_string(), failed: false }, out)?;
        }
        Ok(())
    }

    fn end(&mut self, out: &mut Vec<Value>) -> Result<(), Error> {
        self.0.end(out)
    }
}

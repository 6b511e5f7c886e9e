//! A streamed answer as `chat.completion.chunk`s. <https://docs.cohere.com/v2/docs/streaming>

use super::answer;
use crate::{
    error::Error,
    providers::Facts,
    sse::Event,
    wire::{Decoder, Target, openai::Chunks},
};
use serde::Deserialize;
use serde_json::{Map, Value};

/// The decoder.
pub struct Stream {
    facts: &'static Facts,
    chunks: Chunks,
}

/// One event, as far as it is acted on.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Native {
    #[serde(rename = "type")]
    kind: String,
    id: Option<String>,
    /// Which call of a tool this is about.
    index: Option<u64>,
    delta: Option<Delta>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Delta {
    message: Value,
    finish_reason: Value,
    usage: Value,
}

impl Stream {
    /// For the answer of `target`.
    pub fn new(target: &Target) -> Self {
        Self { facts: target.provider().facts(), chunks: Chunks::new(target) }
    }

    fn say(&mut self, name: &str, value: Option<Value>, out: &mut Vec<Value>) {
        if let Some(value) = value.filter(|value| value.as_str() != Some("")) {
            let delta = [(name.to_owned(), value)].into_iter().collect();
            self.chunks.say(delta, None, None, out);
        }
    }

    /// What `message` adds to the answer.
    fn hear(&mut self, index: u64, message: Value, out: &mut Vec<Value>) {
        let Value::Object(mut message) = message else { return };
        self.say("reasoning_content", message.remove("tool_plan").filter(Value::is_string), out);
        if let Some(Value::Object(mut content)) = message.remove("content") {
            self.say("reasoning_content", content.remove("thinking").filter(Value::is_string), out);
            self.say("content", content.remove("text").filter(Value::is_string), out);
        }
        if let Some(Value::Object(mut call)) = message.remove("tool_calls") {
            call.insert("index".into(), index.into());
            self.say("tool_calls", Some(Value::Array(vec![call.into()])), out);
        }
        let annotations = message.remove("citations").as_ref().map(answer::annotations);
        let annotations = annotations.filter(|list| !list.is_empty());
        self.say("annotations", annotations.map(Value::Array), out);
    }

    /// What has no type is an error, if it says anything.
    fn fault(&self, data: &str) -> Result<(), Error> {
        match serde_json::from_str::<Value>(data) {
            Ok(body) if body.get("message").or_else(|| body.get("error")).is_some() => {
                Err(Error::inside(self.facts, &body))
            }
            _ => Ok(()),
        }
    }
}

impl Decoder for Stream {
    fn push(&mut self, event: &Event, out: &mut Vec<Value>) -> Result<(), Error> {
        // One malformed event does not end a stream; without an end it is an error all the same.
        let Ok(native) = serde_json::from_str::<Native>(&event.data) else { return Ok(()) };
        let delta = native.delta.unwrap_or_default();
        match native.kind.as_str() {
            "" => return self.fault(&event.data),
            "message-start" => {
                if let Some(id) = native.id.filter(|id| !id.is_empty()) {
                    self.chunks.name(&id);
                }
            }
            "message-end" => {
                let reason = answer::finish_reason(&delta.finish_reason, self.facts)?;
                self.chunks.say(Map::new(), Some(reason), answer::usage(&delta.usage), out);
            }
            _ => self.hear(native.index.unwrap_or(0), delta.message, out),
        }
        Ok(())
    }

    fn end(&mut self, out: &mut Vec<Value>) -> Result<(), Error> {
        self.chunks.end(out)
    }
}

//! A streamed answer as `chat.completion.chunk`s. <https://docs.cohere.com/v2/docs/streaming>

use super::answer;
use crate::{
    error::Error,
    providers::Facts,
    sse::Event,
    wire::{
        Decoder, Target,
        openai::{self, Chunks},
    },
};
use serde_json::{Map, Value, json};

/// The decoder.
pub struct Stream {
    facts: &'static Facts,
    id: String,
    chunks: Chunks,
}

impl Stream {
    /// For the answer of `target`.
    pub fn new(target: &Target) -> Self {
        Self {
            facts: target.provider().facts(),
            id: openai::id("chatcmpl-", target, 0),
            chunks: Chunks::new(target),
        }
    }

    fn say(&mut self, delta: Value, out: &mut Vec<Value>) {
        self.chunk(json!({ "index": 0, "delta": delta }), None, out);
    }

    fn chunk(&mut self, choice: Value, usage: Option<Value>, out: &mut Vec<Value>) {
        let mut chunk = Map::new();
        chunk.insert("id".into(), self.id.as_str().into());
        chunk.insert("choices".into(), Value::Array(vec![choice]));
        chunk.extend(usage.map(|usage| ("usage".to_owned(), usage)));
        self.chunks.chunk(chunk, out);
    }

    /// The last event: why the answer ends, and what it took.
    fn finish(&mut self, delta: Option<&Value>, out: &mut Vec<Value>) -> Result<(), Error> {
        let reason = answer::finish_reason(delta.and_then(|delta| delta.get("finish_reason")), self.facts)?;
        let usage = delta.and_then(|delta| delta.get("usage")).and_then(answer::usage);
        self.chunk(json!({ "index": 0, "delta": {}, "finish_reason": reason }), usage, out);
        Ok(())
    }
}

impl Decoder for Stream {
    fn push(&mut self, event: &Event, out: &mut Vec<Value>) -> Result<(), Error> {
        // One malformed event does not end a stream; without an end it is an error all the same.
        let Ok(mut body) = serde_json::from_str::<Value>(&event.data) else { return Ok(()) };
        let Some(kind) = body.get("type").and_then(Value::as_str).map(str::to_owned) else {
            let told = body.get("message").or_else(|| body.get("error")).is_some();
            return if told { Err(Error::inside(self.facts, &body)) } else { Ok(()) };
        };
        let index = body.get("index").and_then(Value::as_u64).unwrap_or(0);
        let mut delta = body.get_mut("delta").map(Value::take);
        let mut part = |path: &str| delta.as_mut()?.pointer_mut(path).map(Value::take);
        match kind.as_str() {
            "message-start" => {
                if let Some(id) = body.get("id").and_then(Value::as_str).filter(|id| !id.is_empty()) {
                    id.clone_into(&mut self.id);
                }
            }
            "content-start" | "content-delta" => {
                let content = part("/message/content").unwrap_or_default();
                let (text, thought) = (content.get("text"), content.get("thinking"));
                self.say(json!({ "content": text, "reasoning_content": said(thought) }), out);
            }
            "tool-plan-delta" => {
                let plan = part("/message/tool_plan").unwrap_or_default();
                self.say(json!({ "reasoning_content": said(Some(&plan)) }), out);
            }
            "tool-call-start" | "tool-call-delta" => {
                if let Some(Value::Object(mut call)) = part("/message/tool_calls") {
                    call.insert("index".into(), index.into());
                    self.say(json!({ "tool_calls": [call] }), out);
                }
            }
            "citation-start" => {
                let annotations = part("/message/citations").as_ref().map(answer::annotations);
                if let Some(annotations) = annotations.filter(|list| !list.is_empty()) {
                    self.say(json!({ "annotations": annotations }), out);
                }
            }
            "message-end" => return self.finish(delta.as_ref(), out),
            _ => {} // the ends of parts, and what is still to come
        }
        Ok(())
    }

    fn end(&mut self, out: &mut Vec<Value>) -> Result<(), Error> {
        self.chunks.end(out)
    }
}

/// A text, unless it is empty.
fn said(text: Option<&Value>) -> Option<&Value> {
    text.filter(|text| text.as_str().is_some_and(|text| !text.is_empty()))
}

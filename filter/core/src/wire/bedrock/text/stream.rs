//! A streamed answer as `chat.completion.chunk`s.

use super::{
    answer::{self, Counts},
    vendor::Vendor,
};
use crate::{
    error::Error,
    providers::Facts,
    sse::Event,
    wire::{Decoder, Target, bedrock::answer_id},
};
use serde_json::{Map, Value, json};

/// The mark at the end of reasoning.
const THOUGHT: &str = "</think>";

/// The decoder.
pub struct Stream {
    facts: &'static Facts,
    id: String,
    model: String,
    created: u64,
    /// The model is reasoning; what may become the mark that ends it is held.
    reasoning: Option<String>,
    speaking: bool,
    counts: Counts,
    stop: Option<&'static str>,
}

impl Stream {
    /// For the answer of `target`.
    pub fn new(target: &Target) -> Self {
        Self {
            facts: target.provider().facts(),
            id: answer_id(target),
            model: target.deployment.model.clone(),
            created: target.now,
            reasoning: Vendor::of(target).reasons.then(String::new),
            speaking: false,
            counts: (None, None),
            stop: None,
        }
    }

    fn chunk(&self, delta: &Map<String, Value>, finish: Option<&str>) -> Value {
        json!({
            "id": self.id,
            "object": "chat.completion.chunk",
            "created": self.created,
            "model": self.model,
            "choices": [{ "index": 0, "delta": delta, "finish_reason": finish }],
        })
    }

    fn say(&mut self, what: &str, text: &str, out: &mut Vec<Value>) {
        if text.is_empty() {
            return;
        }
        let mut delta = Map::new();
        if !std::mem::replace(&mut self.speaking, true) {
            delta.insert("role".into(), "assistant".into());
        }
        delta.insert(what.into(), text.into());
        out.push(self.chunk(&delta, None));
    }

    fn hear(&mut self, text: &str, out: &mut Vec<Value>) {
        let Some(held) = self.reasoning.take() else { return self.say("content", text, out) };
        let all = held + text;
        if let Some((thought, rest)) = all.split_once(THOUGHT) {
            self.say("reasoning_content", thought, out);
            return self.say("content", rest, out);
        }
        // The mark may have come in part.
        let part = (1..THOUGHT.len()).rev().find_map(|length| all.strip_suffix(THOUGHT.get(..length)?));
        let thought = part.unwrap_or(&all);
        self.say("reasoning_content", thought, out);
        self.reasoning = Some(all.get(thought.len()..).unwrap_or_default().to_owned());
    }
}

impl Decoder for Stream {
    fn push(&mut self, event: &Event, out: &mut Vec<Value>) -> Result<(), Error> {
        // One malformed event does not end a stream.
        let Ok(body) = serde_json::from_str::<Value>(&event.data) else { return Ok(()) };
        let (prompt, completion) = answer::counts(&body);
        self.counts = (prompt.or(self.counts.0), completion.or(self.counts.1));
        if let Some(text) = answer::text(&body) {
            self.hear(text, out);
        }
        self.stop = answer::finish_reason(&body).or(self.stop);
        Ok(())
    }

    fn end(&mut self, out: &mut Vec<Value>) -> Result<(), Error> {
        let Some(stop) = self.stop else { return Err(Error::truncated(self.facts)) };
        if let Some(held) = self.reasoning.take() {
            self.say("reasoning_content", &held, out);
        }
        out.push(self.chunk(&Map::new(), Some(stop)));
        if let Some(usage) = answer::usage(self.counts) {
            let mut chunk = self.chunk(&Map::new(), None);
            if let Value::Object(chunk) = &mut chunk {
                chunk.insert("usage".into(), usage);
            }
            out.push(chunk);
        }
        Ok(())
    }
}

//! A stream from an upstream to a client that both speak `OpenAI`'s format.

use super::{chunks::Chunks, plain::PlainChunk, plain::splice};
use crate::{
    client::openai::{DONE, write_chunk},
    error::Error,
    sse,
    translate::events::Steps,
    usage::{Tally, Usage},
    wire::{Decoder, Target},
};
use serde_json::{Map, Value};

/// Passes plain text chunks on as they are, but for the model's name; reads all others as trees.
pub struct Relay {
    chunks: Chunks,
    tally: Tally,
    /// The client's name for the model, and the same as JSON.
    model: String,
    model_json: Vec<u8>,
    /// The client wants the usage chunk.
    wants_usage: bool,
    /// The last chunk read, without its choices: what the usage chunk is made of.
    head: Map<String, Value>,
    done: bool,
    /// Empty between pushes; its memory is kept.
    read: Vec<Value>,
}

impl Relay {
    /// Nothing passed yet.
    pub fn new(target: &Target) -> Self {
        let model = target.call.model.clone();
        Self {
            chunks: Chunks::new(target),
            tally: Tally::new(target),
            model_json: Value::from(model.as_str()).to_string().into_bytes(),
            model,
            wants_usage: target.call.include_usage,
            head: Map::new(),
            done: false,
            read: Vec::new(),
        }
    }

    fn pass(&mut self, data: &str, out: &mut Vec<u8>) -> bool {
        // A line break between tokens is JSON, but would end the line of the event.
        if memchr::memchr(b'\n', data.as_bytes()).is_some() {
            return false;
        }
        let Some(chunk) = PlainChunk::read(data).filter(|chunk| self.chunks.flows(chunk)) else {
            return false;
        };
        self.tally.add_text(chunk.text);
        out.extend_from_slice(b"data: ");
        splice(data.as_bytes(), chunk.model, &self.model_json, out);
        out.extend_from_slice(b"\n\n");
        true
    }

    fn forward(&mut self, out: &mut Vec<u8>) {
        for mut chunk in self.read.drain(..) {
            let Some(map) = chunk.as_object_mut() else { continue };
            map.insert("model".into(), self.model.as_str().into());
            if self.wants_usage {
                let head = map.iter().filter(|(name, _)| !matches!(name.as_str(), "choices" | "usage"));
                self.head = head.map(|(name, value)| (name.clone(), value.clone())).collect();
            }
            if self.tally.count(&mut chunk) {
                write_chunk(&chunk, out);
            }
        }
    }

    fn finish(&mut self, out: &mut Vec<u8>) -> Result<(), Error> {
        self.done = true;
        let result = self.chunks.end(&mut self.read);
        self.forward(out);
        result?;
        if self.wants_usage {
            let head = std::mem::take(&mut self.head);
            write_chunk(&self.tally.chunk(head.into()), out);
        }
        out.extend_from_slice(DONE);
        Ok(())
    }
}

impl Steps for Relay {
    fn push(&mut self, event: &sse::Event, out: &mut Vec<u8>) -> Result<(), Error> {
        if self.done || self.pass(&event.data, out) {
            return Ok(());
        }
        if event.data.trim() == "[DONE]" {
            return self.finish(out);
        }
        let result = self.chunks.push(event, &mut self.read);
        self.forward(out);
        result
    }

    fn end(&mut self, out: &mut Vec<u8>) -> Result<(), Error> {
        if self.done { Ok(()) } else { self.finish(out) }
    }

    fn usage(&self) -> Usage {
        self.tally.usage()
    }
}

//! Chat chunks, turned into the events of a Messages stream as they come.

mod calls;

use super::{
    answer::{refusal, stop_reason},
    events::{Block, Delta, Event, Message, Stop},
    names::Names,
    usage,
};
use crate::{client::Encoder, error::Error};
use calls::{Calls, Target};
use serde_json::{Map, Value, json};

/// Writes one streamed answer. Keeps counters and what names the open blocks, never the answer.
///
/// The last event waits for `end`: chat says how much was used only after it has said why it stopped.
#[derive(Debug)]
pub(super) struct Events {
    model: String,
    names: Names,
    /// The message's id, once its first chunk has come.
    id: Option<String>,
    blocks: Blocks,
    calls: Calls,
    finish: Option<String>,
    refused: bool,
    usage: Option<Value>,
}

/// The blocks of text and thinking: at most one is open, and none but the newest.
#[derive(Debug, Default)]
struct Blocks {
    next: usize,
    open: Option<(usize, Kind)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Text,
    Thinking,
    /// Thinking that has its signature: nothing more belongs to it.
    Signed,
}

impl Events {
    /// For an answer under the name the client knows the model by; `names` are those of its request.
    pub(super) fn new(model: impl Into<String>, names: Names) -> Self {
        Self {
            model: model.into(),
            names,
            id: None,
            blocks: Blocks::default(),
            calls: Calls::default(),
            finish: None,
            refused: false,
            usage: None,
        }
    }

    fn start(&mut self, id: &str, out: &mut Vec<u8>) {
        if self.id.is_some() {
            return;
        }
        let usage = json!({
            "input_tokens": 0,
            "output_tokens": 0,
            "cache_creation_input_tokens": 0,
            "cache_read_input_tokens": 0,
        });
        let message = Message {
            id,
            kind: "message",
            role: "assistant",
            content: [],
            model: &self.model,
            stop_reason: None,
            stop_sequence: None,
            usage: &usage,
        };
        Event::MessageStart { message }.write(out);
        self.id = Some(id.to_owned());
    }

    fn delta(&mut self, delta: &Map<String, Value>, out: &mut Vec<u8>) {
        let said = |field: &str| delta.get(field).and_then(Value::as_str).filter(|text| !text.is_empty());
        match delta.get("thinking_blocks").and_then(Value::as_array) {
            Some(blocks) if !blocks.is_empty() => {
                self.calls.close_whole(out);
                for block in blocks {
                    self.blocks.thinking_block(block, out);
                }
            }
            _ => {
                if let Some(thinking) = said("reasoning_content").or_else(|| said("reasoning")) {
                    self.calls.close_whole(out);
                    self.blocks.thinking(thinking, out);
                }
            }
        }
        match delta.get("content") {
            Some(Value::String(text)) => self.text(text, out),
            Some(Value::Array(parts)) => {
                let texts = parts.iter().filter_map(|part| part.get("text")?.as_str());
                texts.for_each(|text| self.text(text, out));
            }
            _ => {}
        }
        if let Some(refusal) = refusal(delta) {
            self.refused = true;
            self.text(refusal, out);
        }
        let calls = delta.get("tool_calls").and_then(Value::as_array);
        for (position, call) in calls.into_iter().flatten().enumerate() {
            self.blocks.close(out);
            let (calls, mut target) = self.calls(out);
            calls.push(position, call, &mut target);
        }
    }

    fn text(&mut self, text: &str, out: &mut Vec<u8>) {
        if !text.is_empty() {
            self.calls.close_whole(out);
            self.blocks.text(text, out);
        }
    }

    fn close(&mut self, out: &mut Vec<u8>) {
        self.blocks.close(out);
        let (calls, mut target) = self.calls(out);
        calls.close_all(&mut target);
    }

    fn calls<'a>(&'a mut self, out: &'a mut Vec<u8>) -> (&'a mut Calls, Target<'a>) {
        let message = self.id.as_deref().unwrap_or_default();
        (&mut self.calls, Target { names: &self.names, message, next: &mut self.blocks.next, out })
    }
}

impl Encoder for Events {
    fn push(&mut self, chunk: Value, out: &mut Vec<u8>) -> Result<(), Error> {
        self.start(chunk.get("id").and_then(Value::as_str).unwrap_or_default(), out);
        if let Some(usage) = chunk.get("usage").filter(|usage| usage.is_object()) {
            self.usage = Some(usage::from_chat(Some(usage)));
        }
        let Some(choice) = chunk.pointer("/choices/0") else { return Ok(()) };
        if let Some(delta) = choice.get("delta").and_then(Value::as_object) {
            self.delta(delta, out);
        }
        if let Some(finish) = choice.get("finish_reason").and_then(Value::as_str) {
            self.finish = Some(finish.to_owned());
            self.close(out);
        }
        Ok(())
    }

    fn end(&mut self, out: &mut Vec<u8>) {
        self.start("", out);
        self.close(out);
        let stop_reason = stop_reason(self.finish.as_deref(), self.calls.any(), self.refused);
        let usage = self.usage.take().unwrap_or_else(|| usage::from_chat(None));
        Event::MessageDelta { delta: Stop { stop_reason, stop_sequence: None }, usage: &usage }.write(out);
        Event::MessageStop.write(out);
    }
}

impl Blocks {
    fn text(&mut self, text: &str, out: &mut Vec<u8>) {
        let index = self.open(Kind::Text, out);
        Event::ContentBlockDelta { index, delta: Delta::Text { text } }.write(out);
    }

    fn thinking(&mut self, thinking: &str, out: &mut Vec<u8>) {
        let index = self.open(Kind::Thinking, out);
        Event::ContentBlockDelta { index, delta: Delta::Thinking { thinking } }.write(out);
    }

    fn thinking_block(&mut self, block: &Value, out: &mut Vec<u8>) {
        let said = |field: &str| block.get(field).and_then(Value::as_str).filter(|text| !text.is_empty());
        if let Some(data) = said("data") {
            self.close(out);
            let index = self.take_index();
            let content_block = Block::RedactedThinking { data };
            Event::ContentBlockStart { index, content_block }.write(out);
            Event::ContentBlockStop { index }.write(out);
        }
        if let Some(thinking) = said("thinking") {
            self.thinking(thinking, out);
        }
        if let Some(signature) = said("signature") {
            let index = self.open(Kind::Thinking, out);
            Event::ContentBlockDelta { index, delta: Delta::Signature { signature } }.write(out);
            self.open = Some((index, Kind::Signed));
        }
    }

    /// The index of the open block of this kind; opens one where there is none.
    fn open(&mut self, kind: Kind, out: &mut Vec<u8>) -> usize {
        if let Some((index, open)) = self.open
            && open == kind
        {
            return index;
        }
        self.close(out);
        let index = self.take_index();
        let content_block = match kind {
            Kind::Text => Block::Text { text: "" },
            Kind::Thinking | Kind::Signed => Block::Thinking { thinking: "", signature: "" },
        };
        Event::ContentBlockStart { index, content_block }.write(out);
        self.open = Some((index, kind));
        index
    }

    fn close(&mut self, out: &mut Vec<u8>) {
        if let Some((index, _)) = self.open.take() {
            Event::ContentBlockStop { index }.write(out);
        }
    }

    fn take_index(&mut self) -> usize {
        let index = self.next;
        self.next = self.next.saturating_add(1);
        index
    }
}

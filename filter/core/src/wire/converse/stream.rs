//! A streamed answer as `chat.completion.chunk`s. Nothing of the answer is kept.
//! <https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ConverseStream.html>

use super::{
    answer::thinking_block,
    finish_reason,
    names::RULE,
    usage::{self, Thought},
};
use crate::{
    error::Error,
    providers::Facts,
    sse::Event,
    wire::{Decoder, Target, anthropic::names::Asked, bedrock, chunk, openai::Thoughts},
};
use serde::Deserialize;
use serde_json::{Map, Value, json, value::RawValue};

/// The decoder.
#[derive(Debug)]
pub struct Stream {
    facts: &'static Facts,
    id: String,
    model: String,
    created: u64,
    asked: Asked,
    /// The client knows who is speaking.
    speaking: bool,
    thought: Thought,
    /// Some models put their reasoning into their text, between marks.
    marks: Thoughts,
    /// Tool calls so far.
    calls: u64,
    block: Block,
    /// The answer came as a call of the JSON tool.
    json: bool,
    stop: Option<&'static str>,
}

/// The block being streamed.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Block {
    #[default]
    Other,
    /// A call of a tool of the client's; whether its input has come in pieces, all of them empty.
    Call { index: u64, empty: bool },
    /// The call that carries the answer.
    Answer,
}

/// What an event adds to a block.
#[derive(Debug, Deserialize)]
struct Delta<'a> {
    text: Option<String>,
    #[serde(rename = "toolUse")]
    call: Option<Piece>,
    #[serde(rename = "reasoningContent", borrow)]
    reasoning: Option<&'a RawValue>,
    #[serde(rename = "citationsContent", borrow)]
    citations: Option<&'a RawValue>,
}

#[derive(Debug, Deserialize)]
struct Piece {
    #[serde(default)]
    input: String,
}

/// `contentBlockDelta`, the one event that is not rare.
#[derive(Debug, Deserialize)]
struct BlockDelta<'a> {
    #[serde(borrow)]
    delta: Delta<'a>,
}

fn tree(raw: &RawValue) -> Value {
    // It was part of a whole event that has been read.
    serde_json::from_str(raw.get()).unwrap_or_default()
}

impl Stream {
    /// For the answer of `target`.
    pub fn new(target: &Target) -> Self {
        Self {
            facts: target.provider().facts(),
            id: bedrock::answer_id(target),
            model: target.deployment.model.clone(),
            created: target.now,
            asked: Asked::by(RULE, &target.call.body),
            speaking: false,
            thought: Thought::default(),
            marks: Thoughts::default(),
            calls: 0,
            block: Block::Other,
            json: false,
            stop: None,
        }
    }

    fn chunk(&self, delta: Map<String, Value>, finish: Option<&str>) -> Value {
        chunk(&self.id, self.created, &self.model, delta, finish)
    }

    /// Says something; the first time, who is speaking.
    fn say(&mut self, content: impl Into<Value>, mut delta: Map<String, Value>, out: &mut Vec<Value>) {
        if !std::mem::replace(&mut self.speaking, true) {
            delta.insert("role".into(), "assistant".into());
        }
        delta.insert("content".into(), content.into());
        out.push(self.chunk(delta, None));
    }

    /// Says what the chat form has no place of its own for.
    fn tell(&mut self, name: &str, field: Value, mut delta: Map<String, Value>, out: &mut Vec<Value>) {
        let mut fields = Map::new();
        fields.insert(name.into(), field);
        delta.insert("provider_specific_fields".into(), Value::Object(fields));
        self.say("", delta, out);
    }

    fn think(&mut self, thought: Value, out: &mut Vec<Value>) {
        let text = thought.get("text").and_then(Value::as_str).unwrap_or_default();
        // A delta has the text or the signature where a block has both.
        let block = match thought.get("signature") {
            Some(signature) => Some(json!({ "type": "thinking", "thinking": "", "signature": signature })),
            None if thought.get("text").is_some() => Some(json!({ "type": "thinking", "thinking": text })),
            None => thinking_block(&thought),
        };
        self.thought.any = true;
        self.thought.bytes += text.len();
        let mut delta = Map::new();
        delta.insert("reasoning_content".into(), text.into());
        delta.extend(block.map(|block| ("thinking_blocks".to_owned(), json!([block]))));
        self.tell("reasoningContent", thought, delta, out);
    }

    fn start(&mut self, data: &str, out: &mut Vec<Value>) {
        self.block = Block::Other;
        let Ok(mut event) = serde_json::from_str::<Value>(data) else { return };
        let Some(start) = event.get_mut("start") else { return };
        if let Some(thought) = start.get_mut("reasoningContent") {
            return self.think(thought.take(), out);
        }
        let Some(call) = start.get("toolUse") else { return };
        let text = |name: &str| call.get(name).and_then(Value::as_str).unwrap_or_default();
        if self.asked.is_answer(text("name")) {
            self.block = Block::Answer;
            self.json = true;
            return;
        }
        let function = json!({ "name": self.asked.names.client(text("name")), "arguments": "" });
        let call = json!({
            "index": self.calls, "id": text("toolUseId"), "type": "function", "function": function,
        });
        self.block = Block::Call { index: self.calls, empty: false };
        self.calls += 1;
        self.call(call, out);
    }

    fn call(&mut self, call: Value, out: &mut Vec<Value>) {
        let mut delta = Map::new();
        delta.insert("tool_calls".into(), Value::Array(vec![call]));
        self.say("", delta, out);
    }

    fn piece(&mut self, index: u64, input: &str, out: &mut Vec<Value>) {
        self.call(json!({ "index": index, "type": "function", "function": { "arguments": input } }), out);
    }

    fn delta(&mut self, delta: Delta, out: &mut Vec<Value>) {
        if let Some(text) = delta.text.filter(|text| !text.is_empty()) {
            self.text(&text, false, out);
        }
        if let Some(Piece { input }) = delta.call {
            match &mut self.block {
                Block::Answer if input.is_empty() => {}
                Block::Answer => self.say(input, Map::new(), out),
                Block::Call { index, empty } => {
                    *empty = input.is_empty();
                    let index = *index;
                    self.piece(index, &input, out);
                }
                Block::Other => {}
            }
        }
        if let Some(thought) = delta.reasoning {
            self.think(tree(thought), out);
        }
        if let Some(citations) = delta.citations {
            self.tell("citationsContent", tree(citations), Map::new(), out);
        }
    }

    /// A piece of the answer's text, perhaps the last.
    fn text(&mut self, piece: &str, last: bool, out: &mut Vec<Value>) {
        if self.marks.are_over() {
            if !piece.is_empty() {
                self.say(piece, Map::new(), out);
            }
            return;
        }
        let (thought, text) = self.marks.split(piece, last);
        if !thought.is_empty() {
            self.think(json!({ "text": thought }), out);
        }
        if !text.is_empty() {
            self.say(text, Map::new(), out);
        }
    }

    /// A call whose input came as nothing is a call with an empty object.
    fn stop(&mut self, out: &mut Vec<Value>) {
        self.text("", true, out);
        self.marks = Thoughts::default();
        if let Block::Call { index, empty: true } = std::mem::take(&mut self.block) {
            self.piece(index, "{}", out);
        }
    }

    fn end_message(&mut self, data: &str, out: &mut Vec<Value>) {
        self.text("", true, out);
        let event: Value = serde_json::from_str(data).unwrap_or_default();
        if let Some(fields) = event.get("additionalModelResponseFields") {
            self.thought.count(fields);
        }
        let reason = event.get("stopReason").and_then(Value::as_str).unwrap_or_default();
        let only_json = self.json && self.calls == 0;
        let finish = if only_json { "stop" } else { finish_reason(reason) };
        self.stop = Some(finish);
        out.push(self.chunk(Map::new(), Some(finish)));
    }

    /// The last event: tokens, and what guardrails did.
    fn account(&mut self, data: &str, out: &mut Vec<Value>) {
        let mut event: Value = serde_json::from_str(data).unwrap_or_default();
        if let Some(trace) = event.get_mut("trace").map(Value::take).filter(|trace| !trace.is_null()) {
            let delta = json!({ "role": "assistant", "content": "" });
            let mut chunk = self.chunk(delta.as_object().cloned().unwrap_or_default(), None);
            if let Value::Object(chunk) = &mut chunk {
                chunk.insert("provider_specific_fields".into(), json!({ "trace": trace }));
                chunk.insert("trace".into(), trace);
            }
            out.push(chunk);
        }
        if let Some(usage) = event.get("usage").and_then(|usage| usage::chat(usage, self.thought)) {
            let mut chunk = self.chunk(Map::new(), None);
            if let Value::Object(chunk) = &mut chunk {
                chunk.insert("usage".into(), usage);
            }
            out.push(chunk);
        }
    }
}

impl Decoder for Stream {
    fn push(&mut self, event: &Event, out: &mut Vec<Value>) -> Result<(), Error> {
        if let Some(error) = bedrock::in_stream(self.facts, event) {
            return Err(error);
        }
        match event.name.as_str() {
            "contentBlockDelta" => {
                // One malformed event does not end a stream.
                if let Ok(BlockDelta { delta }) = serde_json::from_str(&event.data) {
                    self.delta(delta, out);
                }
            }
            "contentBlockStart" => self.start(&event.data, out),
            "contentBlockStop" => self.stop(out),
            "messageStop" => self.end_message(&event.data, out),
            "metadata" => self.account(&event.data, out),
            _ => {}
        }
        Ok(())
    }

    fn end(&mut self, _out: &mut Vec<Value>) -> Result<(), Error> {
        if self.stop.is_none() { Err(Error::truncated(self.facts)) } else { Ok(()) }
    }
}

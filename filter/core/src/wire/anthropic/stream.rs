//! A streamed answer as `chat.completion.chunk`s. Nothing of the answer is kept but what one server tool was asked.

use super::{
    errors,
    event::{self, Delta, Frame, finish_reason},
    names::Asked,
    server_tools,
    usage::{self, Thought},
};
use crate::{
    error::Error,
    providers::Facts,
    sse,
    wire::{Decoder, Target, chunk},
};
use serde_json::{Map, Value, json, value::RawValue};

/// What is kept of a server tool's input to tell what it was asked; longer ones are told without.
const MAX_INPUT: usize = 16 * 1024;

/// The decoder.
#[derive(Debug)]
pub struct Stream {
    facts: &'static Facts,
    id: String,
    model: String,
    created: u64,
    asked: Asked,
    usage: Map<String, Value>,
    /// Bytes of thinking so far.
    thought: usize,
    /// The next tool call's place among them.
    calls: u64,
    block: Block,
    server: Server,
    /// The answer came as a call of the JSON tool.
    json: bool,
    progress: Progress,
    stop: Option<&'static str>,
}

/// How far the answer has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Progress {
    /// Nothing has been said.
    Silent,
    /// The client knows who is speaking.
    Speaking,
    /// The last word has been said.
    Done,
}

/// The block being streamed.
#[derive(Debug, Default)]
enum Block {
    #[default]
    Other,
    Call(Call),
}

/// A call of a tool.
#[derive(Debug)]
struct Call {
    index: u64,
    /// It carries the answer.
    answer: bool,
    /// The provider runs it.
    server: bool,
    /// What came of its input in pieces.
    pieces: Pieces,
    /// Input given at once; empty where it comes in pieces.
    given: Map<String, Value>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Pieces {
    Missing,
    Empty,
    Filled,
}

/// The provider's own tool that ran last.
#[derive(Debug, Default)]
struct Server {
    id: String,
    name: String,
    input: String,
}

impl Stream {
    /// For the answer of `target`.
    pub fn new(target: &Target) -> Self {
        Self {
            facts: target.provider().facts(),
            id: format!("chatcmpl-{}", target.now),
            model: target.deployment.model.clone(),
            created: target.now,
            asked: Asked::of(&target.call.body),
            usage: Map::new(),
            thought: 0,
            calls: 0,
            block: Block::Other,
            server: Server::default(),
            json: false,
            progress: Progress::Silent,
            stop: None,
        }
    }

    fn chunk(&self, delta: Map<String, Value>, finish: Option<&str>) -> Value {
        chunk(&self.id, self.created, &self.model, delta, finish)
    }

    /// Says something; the first time, who is speaking.
    fn say(&mut self, content: &str, mut delta: Map<String, Value>, out: &mut Vec<Value>) {
        if self.progress == Progress::Silent {
            delta.insert("role".into(), "assistant".into());
            self.progress = Progress::Speaking;
        }
        delta.insert("content".into(), content.into());
        out.push(self.chunk(delta, None));
    }

    /// Says what the chat form has no place of its own for.
    fn tell(&mut self, fields: Value, out: &mut Vec<Value>) {
        let mut delta = Map::new();
        delta.insert("provider_specific_fields".into(), fields);
        self.say("", delta, out);
    }

    fn think(&mut self, text: &str, block: &Value, out: &mut Vec<Value>) {
        let mut delta = Map::new();
        if block.get("type").is_some_and(|kind| kind == "thinking") {
            delta.insert("reasoning_content".into(), text.into());
        }
        delta.insert("provider_specific_fields".into(), json!({ "thinking_blocks": [block] }));
        delta.insert("thinking_blocks".into(), json!([block]));
        self.say("", delta, out);
    }

    fn call(&mut self, call: Value, out: &mut Vec<Value>) {
        let mut delta = Map::new();
        delta.insert("tool_calls".into(), Value::Array(vec![call]));
        self.say("", delta, out);
    }

    /// A piece of a call's input; what the JSON tool is called with is the answer's text.
    fn piece(&mut self, text: &str, index: u64, answer: bool, out: &mut Vec<Value>) {
        if !answer {
            self.call(json!({ "index": index, "type": "function", "function": { "arguments": text } }), out);
        } else if !text.is_empty() {
            self.say(text, Map::new(), out);
        }
    }

    fn start_message(&mut self, message: Option<&RawValue>) {
        let mut message = event::tree(message);
        if let Some(id) = message.get("id").and_then(Value::as_str) {
            self.id = format!("chatcmpl-{id}");
        }
        if let Some(Value::Object(usage)) = message.get_mut("usage").map(Value::take) {
            self.usage.extend(usage);
        }
    }

    fn start_block(&mut self, block: Option<&RawValue>, out: &mut Vec<Value>) {
        self.block = Block::Other;
        let mut block = event::tree(block);
        let kind = block.get("type").and_then(Value::as_str).unwrap_or_default().to_owned();
        match kind.as_str() {
            "text" => {
                if let Some(text) = block.get("text").and_then(Value::as_str).filter(|text| !text.is_empty())
                {
                    self.say(text, Map::new(), out);
                }
            }
            "tool_use" | "server_tool_use" => self.start_call(kind == "server_tool_use", &mut block, out),
            "thinking" => {
                // Usually empty; a signature alone comes with thinking that is not shown.
                let text = block.get("thinking").and_then(Value::as_str).unwrap_or_default().to_owned();
                let signed =
                    block.get("signature").and_then(Value::as_str).is_some_and(|sign| !sign.is_empty());
                self.thought += text.len();
                if signed || !text.is_empty() {
                    self.think(&text, &block, out);
                }
            }
            "redacted_thinking" => self.think("", &block, out),
            "compaction" => self.tell(json!({ "compaction_blocks": [block] }), out),
            "tool_search_tool_result" => {}
            _ if kind.ends_with("_tool_result") => self.server_result(&kind, &block, out),
            _ => {}
        }
    }

    fn start_call(&mut self, server: bool, block: &mut Value, out: &mut Vec<Value>) {
        let given = match block.get_mut("input").map(Value::take) {
            Some(Value::Object(given)) => given,
            _ => Map::new(),
        };
        let name = block.get("name").and_then(Value::as_str).unwrap_or_default();
        let id = block.get("id").and_then(Value::as_str).unwrap_or_default();
        let answer = self.asked.is_answer(name);
        let index = self.calls;
        self.block = Block::Call(Call { index, answer, server, pieces: Pieces::Missing, given });
        if server {
            self.server = Server { id: id.into(), name: name.into(), input: String::new() };
        }
        if answer {
            self.json = true;
            return;
        }
        self.calls += 1;
        let mut call = json!({
            "index": index,
            "id": id,
            "type": "function",
            "function": { "name": self.asked.names.client(name), "arguments": "" },
        });
        if let (Some(caller), Value::Object(call)) = (block.get("caller").filter(|c| !c.is_null()), &mut call)
        {
            call.insert("caller".into(), caller.clone());
        }
        let mut delta = Map::new();
        delta.insert("tool_calls".into(), json!([call]));
        if server && name == "web_search" {
            let call = server_tools::web_search_call(id, None, None);
            delta.insert("provider_specific_fields".into(), json!({ "web_search_calls": { id: call } }));
        }
        self.say("", delta, out);
    }

    /// What a tool of the provider's gave: comes whole.
    fn server_result(&mut self, kind: &str, block: &Value, out: &mut Vec<Value>) {
        let id = block.get("tool_use_id").and_then(Value::as_str).unwrap_or_default();
        let asked = id == self.server.id;
        let input: Option<Value> = asked.then(|| serde_json::from_str(&self.server.input).ok()).flatten();
        let fields = match kind {
            "web_search_tool_result" if asked && self.server.name == "web_search" => {
                let call = server_tools::web_search_call(id, input.as_ref(), Some(block));
                json!({ "web_search_results": [block], "web_search_calls": { id: call } })
            }
            "web_search_tool_result" | "web_fetch_tool_result" => json!({ "web_search_results": [block] }),
            _ => {
                let runs: Vec<Value> =
                    server_tools::code_run(block, input.as_ref(), None).into_iter().collect();
                json!({ "tool_results": [block], "code_interpreter_results": runs })
            }
        };
        self.tell(fields, out);
    }

    fn delta(&mut self, delta: &Delta, out: &mut Vec<Value>) {
        match &*delta.kind {
            "text_delta" if !delta.text.is_empty() => self.say(&delta.text, Map::new(), out),
            "input_json_delta" => self.input(&delta.partial_json, out),
            "thinking_delta" if !delta.thinking.is_empty() => {
                self.thought += delta.thinking.len();
                self.think(&delta.thinking, &json!({ "type": "thinking", "thinking": delta.thinking }), out);
            }
            "signature_delta" if !delta.signature.is_empty() => {
                let block = json!({ "type": "thinking", "thinking": "", "signature": delta.signature });
                self.think("", &block, out);
            }
            "citations_delta" => self.tell(json!({ "citation": event::tree(delta.citation) }), out),
            "compaction_delta" => {
                let content = event::tree(delta.content);
                self.tell(
                    json!({ "compaction_delta": { "type": "compaction_delta", "content": content } }),
                    out,
                );
            }
            _ => {}
        }
    }

    fn input(&mut self, text: &str, out: &mut Vec<Value>) {
        let Block::Call(call) = &mut self.block else { return };
        if !text.is_empty() {
            call.pieces = Pieces::Filled;
        } else if call.pieces == Pieces::Missing {
            call.pieces = Pieces::Empty;
        }
        let (index, answer) = (call.index, call.answer);
        if call.server && self.server.input.len() + text.len() <= MAX_INPUT {
            self.server.input.push_str(text);
        }
        self.piece(text, index, answer, out);
    }

    /// A call without input is a call with an empty object; one whose input came at once says it now.
    fn stop_block(&mut self, out: &mut Vec<Value>) {
        if let Block::Call(call) = std::mem::take(&mut self.block)
            && (call.pieces == Pieces::Empty || call.pieces == Pieces::Missing && !call.given.is_empty())
        {
            let given = Value::Object(call.given).to_string();
            if call.server && given.len() <= MAX_INPUT {
                self.server.input.clone_from(&given);
            }
            self.piece(&given, call.index, call.answer, out);
        }
    }

    fn message_delta(&mut self, frame: &Frame, out: &mut Vec<Value>) {
        if let Value::Object(usage) = event::tree(frame.usage) {
            self.usage.extend(usage.into_iter().filter(|(_, value)| !value.is_null()));
        }
        let Some(delta) = &frame.delta else { return };
        if !delta.stop_reason.is_empty() {
            let only_json = self.json && self.calls == 0;
            self.stop = Some(if only_json { "stop" } else { finish_reason(&delta.stop_reason) });
        }
        let container = event::tree(delta.container);
        if !container.is_null() {
            self.tell(json!({ "container": container }), out);
        }
    }

    /// The finish reason, and the usage behind it.
    fn finish(&mut self, out: &mut Vec<Value>) {
        if std::mem::replace(&mut self.progress, Progress::Done) == Progress::Done {
            return;
        }
        out.push(self.chunk(Map::new(), Some(self.stop.unwrap_or("stop"))));
        if self.usage.is_empty() {
            return;
        }
        let thought = if self.thought == 0 { Thought::None } else { Thought::Shown(self.thought) };
        let mut chunk = self.chunk(Map::new(), None);
        if let Value::Object(chunk) = &mut chunk {
            chunk.insert("usage".into(), usage::chat(&self.usage, thought, 0));
        }
        out.push(chunk);
    }
}

impl Decoder for Stream {
    fn push(&mut self, event: &sse::Event, out: &mut Vec<Value>) -> Result<(), Error> {
        let data = event.data.trim();
        if self.progress == Progress::Done || data.is_empty() || data == "[DONE]" {
            return Ok(());
        }
        // One malformed event does not end a stream; without an end it is an error all the same.
        let Ok(Some(frame)) = Frame::read(data) else { return Ok(()) };
        match &*frame.kind {
            "content_block_delta" => {
                if let Some(delta) = &frame.delta {
                    self.delta(delta, out);
                }
            }
            "content_block_start" => self.start_block(frame.content_block, out),
            "content_block_stop" => self.stop_block(out),
            "message_start" => self.start_message(frame.message),
            "message_delta" => self.message_delta(&frame, out),
            "message_stop" => self.finish(out),
            "error" => return Err(errors::of_object(self.facts, &event::tree(frame.error))),
            _ => {}
        }
        Ok(())
    }

    fn end(&mut self, out: &mut Vec<Value>) -> Result<(), Error> {
        if self.progress != Progress::Done && self.stop.is_none() {
            return Err(Error::truncated(self.facts));
        }
        self.finish(out);
        Ok(())
    }
}

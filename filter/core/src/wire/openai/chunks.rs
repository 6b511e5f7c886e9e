//! A stream, chunk by chunk, in the shape clients can rely on: the role once, no empty deltas, the finish reason in a
//! chunk of its own, reasoning apart from text.

use super::{
    fields::{self, map_finish_reason},
    plain::PlainChunk,
    thoughts::Thoughts,
};
use crate::{
    error::Error,
    providers::{Extras, Facts, Finish, json_tool},
    sse,
    wire::{Decoder, Target},
};
use serde_json::{Map, Value, json};

/// Reads an upstream's chunks.
pub struct Chunks {
    facts: &'static Facts,
    /// A call of the tool that takes an answer in JSON is the answer.
    unwraps: bool,
    /// One for each `index` seen; bounded by `n`.
    choices: Vec<Choice>,
    /// What the upstream left out of its chunks.
    id: String,
    now: u64,
}

/// What has to be remembered about one choice.
#[derive(Default)]
struct Choice {
    index: u64,
    /// The role has been sent.
    begun: bool,
    /// It called tools.
    called: bool,
    finished: bool,
    /// The index of the call that is the answer in JSON.
    answer: Option<u64>,
    thoughts: Thoughts,
}

/// What every chunk has, beside its choices and its usage.
const HEAD: &[&str] = &["created", "id", "model", "object"];

/// More choices than anyone asks for; further ones share the last one's state.
const MOST_CHOICES: usize = 128;

impl Chunks {
    /// Nothing read yet.
    pub fn new(target: &Target) -> Self {
        Self {
            facts: target.provider().facts(),
            unwraps: matches!(target.provider().finish(), Some(Finish::JsonTool)),
            choices: Vec::new(),
            id: fields::id("chatcmpl-", target, 0),
            now: target.now,
        }
    }

    /// Whether this chunk, which only adds text, needs nothing but to be passed on.
    pub fn flows(&self, chunk: &PlainChunk) -> bool {
        let index = chunk.index;
        let whole = self.facts.extras == Extras::Everywhere || !chunk.has_extras;
        whole
            && self
                .choices
                .iter()
                .any(|choice| choice.index == index && choice.begun && choice.thoughts.are_over())
    }

    fn choice(&mut self, index: u64) -> Option<&mut Choice> {
        let known = self.choices.iter().position(|choice| choice.index == index);
        if known.is_none() && self.choices.len() < MOST_CHOICES {
            self.choices.push(Choice { index, ..Choice::default() });
        }
        match known {
            Some(at) => self.choices.get_mut(at),
            None => self.choices.last_mut(),
        }
    }

    /// The upstream's own id for its answer.
    pub fn name(&mut self, id: &str) {
        id.clone_into(&mut self.id);
    }

    /// The next piece of an answer without alternatives, whatever format it came in.
    pub fn say(
        &mut self,
        delta: Map<String, Value>,
        reason: Option<&str>,
        usage: Option<Value>,
        out: &mut Vec<Value>,
    ) {
        let mut choice = Map::with_capacity(3);
        choice.insert("index".into(), 0.into());
        choice.insert("delta".into(), delta.into());
        choice.insert("finish_reason".into(), reason.into());
        let mut chunk = Map::with_capacity(5);
        chunk.insert("choices".into(), Value::Array(vec![choice.into()]));
        chunk.extend(usage.map(|usage| ("usage".to_owned(), usage)));
        self.chunk(chunk, out);
    }

    /// The next chunk, with all its choices.
    pub fn chunk(&mut self, mut chunk: Map<String, Value>, out: &mut Vec<Value>) {
        let choices = chunk.shift_remove("choices");
        let usage = chunk.shift_remove("usage").filter(|usage| !usage.is_null());
        let usage = usage.or_else(|| chunk.get("x_groq")?.get("usage").cloned());
        if self.facts.extras != Extras::Everywhere {
            chunk.retain(|name, _| HEAD.contains(&name.as_str()));
        }
        let given = |chunk: &Map<String, Value>, name: &str| {
            chunk.get(name).is_some_and(|value| !value.is_null() && value.as_str() != Some(""))
        };
        if !given(&chunk, "id") {
            chunk.insert("id".into(), self.id.as_str().into());
        }
        if !given(&chunk, "created") {
            chunk.insert("created".into(), self.now.into());
        }
        if !given(&chunk, "object") {
            chunk.insert("object".into(), "chat.completion.chunk".into());
        }
        let (mut deltas, mut ends) = (Vec::new(), Vec::new());
        for choice in choices.into_iter().flat_map(into_list) {
            self.split(choice, &mut deltas, &mut ends);
        }
        for choices in [deltas, ends].into_iter().filter(|choices| !choices.is_empty()) {
            let mut chunk = chunk.clone();
            chunk.insert("choices".into(), choices.into());
            out.push(chunk.into());
        }
        if let Some(usage) = usage {
            chunk.insert("choices".into(), json!([]));
            chunk.insert("usage".into(), usage);
            out.push(chunk.into());
        }
    }

    /// Splits a choice into what it says and its end.
    fn split(&mut self, choice: Value, deltas: &mut Vec<Value>, ends: &mut Vec<Value>) {
        let Value::Object(mut choice) = choice else { return };
        let index = choice.get("index").and_then(Value::as_u64).unwrap_or(0);
        let reason = choice.shift_remove("finish_reason");
        let message = choice.shift_remove("message"); // Perplexity repeats the whole answer so far
        let delta = choice.shift_remove("delta").or(message);
        let unwraps = self.unwraps;
        let Some(state) = self.choice(index) else { return };
        choice.insert("index".into(), index.into());
        choice.retain(|_, value| !value.is_null());
        let mut delta = match delta {
            Some(Value::Object(delta)) => delta,
            _ => Map::new(),
        };
        let reason = reason.as_ref().and_then(Value::as_str);
        if unwraps {
            state.unwrap_json(&mut delta);
        }
        if state.clean(&mut delta, reason.is_some()) {
            let mut choice = choice.clone();
            choice.insert("delta".into(), delta.into());
            deltas.push(choice.into());
        }
        if let Some(reason) = reason.map(map_finish_reason) {
            state.finished = true;
            let reason = match reason {
                "stop" if state.called => "tool_calls",
                "tool_calls" if state.answer.is_some() && !state.called => "stop",
                reason => reason,
            };
            choice.shift_remove("logprobs");
            choice.insert("delta".into(), json!({}));
            choice.insert("finish_reason".into(), reason.into());
            ends.push(choice.into());
        }
    }
}

impl Choice {
    /// Makes a delta uniform. False when nothing is left to say.
    fn clean(&mut self, delta: &mut Map<String, Value>, ending: bool) -> bool {
        fields::name_reasoning(delta);
        fields::flatten_content(delta);
        self.sort_thoughts(delta, ending);
        let role = delta.shift_remove("role").filter(|role| !role.is_null());
        delta.retain(|_, value| !value.is_null());
        self.fix_tool_calls(delta);
        let silent = |(name, value): (&String, &Value)| name == "content" && value.as_str() == Some("");
        let says = !delta.iter().all(silent);
        if !self.begun && (says || role.is_some()) {
            self.begun = true;
            delta.insert("role".into(), role.unwrap_or_else(|| "assistant".into()));
            return true;
        }
        says
    }

    fn sort_thoughts(&mut self, delta: &mut Map<String, Value>, ending: bool) {
        if self.thoughts.are_over() {
            return;
        }
        let content = delta.get("content").and_then(Value::as_str);
        if content.is_none() && !ending {
            return;
        }
        let (thought, text) = self.thoughts.split(content.unwrap_or_default(), ending);
        if content.is_some() || !text.is_empty() {
            delta.insert("content".into(), text.into());
        }
        if !thought.is_empty() {
            delta.insert("reasoning_content".into(), thought.into());
        }
    }

    /// The arguments of the call that is the answer become text.
    fn unwrap_json(&mut self, delta: &mut Map<String, Value>) {
        let Some(calls) = delta.get_mut("tool_calls").and_then(Value::as_array_mut) else { return };
        let mut text = String::new();
        calls.retain(|call| {
            let index = call.get("index").and_then(Value::as_u64).unwrap_or(0);
            let part = |name| call.get("function").and_then(|function| function.get(name)?.as_str());
            if part("name") == Some(json_tool::NAME) {
                self.answer = Some(index);
            }
            let other = self.answer != Some(index);
            text += part("arguments").filter(|_| !other).unwrap_or_default();
            other
        });
        if !text.is_empty() {
            delta.insert("content".into(), text.into());
        }
    }

    fn fix_tool_calls(&mut self, delta: &mut Map<String, Value>) {
        let Some(calls) = delta.get_mut("tool_calls").and_then(Value::as_array_mut) else { return };
        if calls.is_empty() {
            delta.shift_remove("tool_calls");
            return;
        }
        self.called = true;
        for (at, call) in calls.iter_mut().enumerate() {
            let Some(call) = call.as_object_mut() else { continue };
            call.retain(|_, value| !value.is_null());
            call.entry("index").or_insert_with(|| at.into());
            call.entry("type").or_insert_with(|| "function".into());
            let arguments = call.get_mut("function").and_then(|function| function.get_mut("arguments"));
            if let Some(arguments) = arguments.filter(|arguments| arguments.is_object()) {
                *arguments = arguments.to_string().into();
            }
        }
    }
}

fn into_list(value: Value) -> Vec<Value> {
    if let Value::Array(list) = value { list } else { Vec::new() }
}

impl Decoder for Chunks {
    fn push(&mut self, event: &sse::Event, out: &mut Vec<Value>) -> Result<(), Error> {
        // One event that cannot be read does not make the others unreadable; a lost end is noticed at the end.
        let Ok(Value::Object(chunk)) = serde_json::from_str(&event.data) else { return Ok(()) };
        let failed = chunk.get("error").is_some_and(|error| !error.is_null());
        if failed || event.name == "error" {
            return Err(Error::inside(self.facts, &chunk.into()));
        }
        self.chunk(chunk, out);
        Ok(())
    }

    fn end(&mut self, _out: &mut Vec<Value>) -> Result<(), Error> {
        if self.choices.iter().any(|choice| choice.finished) {
            Ok(())
        } else {
            Err(Error::truncated(self.facts))
        }
    }
}

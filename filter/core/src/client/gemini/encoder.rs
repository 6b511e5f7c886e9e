//! Chat chunks, turned into streamed responses as they come. Only the calls of tools wait until they are whole: here they
//! come in one piece.

use super::{
    answer::{citations, content, finish_reason, function_call, said},
    framing::Framing,
    object, text, usage,
};
use crate::{client::Encoder, error::Error, operation::Api, wire::Target};
use serde_json::{Map, Value};

/// Writes one streamed answer.
pub struct Events {
    framing: Framing,
    model: String,
    id: String,
    candidates: Vec<Candidate>,
    usage: Option<Value>,
    /// Bytes of arguments that wait.
    kept: usize,
}

#[derive(Default)]
struct Candidate {
    index: u64,
    finish: Option<String>,
    calls: Vec<Call>,
}

#[derive(Default)]
struct Call {
    index: u64,
    id: String,
    name: String,
    arguments: String,
}

/// Bytes of arguments that are waited for.
const MOST_KEPT: usize = 8 << 20;
/// Alternatives, and calls in each; a stream with more is not sane.
const MOST: usize = 128;

impl Events {
    /// For the answer to the target's call.
    pub fn new(target: &Target) -> Self {
        Self {
            framing: Framing::of(target.call),
            model: target.call.model.clone(),
            id: String::new(),
            candidates: Vec::new(),
            usage: None,
            kept: 0,
        }
    }

    fn choice(&mut self, choice: &Value) -> Option<Value> {
        let index = choice.get("index").and_then(Value::as_u64).unwrap_or(0);
        let known = self.candidates.iter().position(|candidate| candidate.index == index);
        if known.is_none() && self.candidates.len() < MOST {
            self.candidates.push(Candidate { index, ..Candidate::default() });
        }
        let at = known.unwrap_or(self.candidates.len() - 1);
        let candidate = self.candidates.get_mut(at)?;
        if let Some(finish) = choice.get("finish_reason").and_then(Value::as_str) {
            candidate.finish = Some(finish.to_owned());
        }
        let delta = choice.get("delta").and_then(Value::as_object)?;
        for (position, call) in
            delta.get("tool_calls").and_then(Value::as_array).into_iter().flatten().enumerate()
        {
            self.kept = self.kept.saturating_add(candidate.call(position, call));
        }
        let notes = delta.get("annotations").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        let (parts, cited) = (said(delta), citations(notes));
        if parts.is_empty() && cited.is_none() {
            return None;
        }
        let mut out = object([("content", content(parts)), ("index", index.into())]);
        if let (Some(cited), Some(out)) = (cited, out.as_object_mut()) {
            out.insert("citationMetadata".into(), cited);
        }
        Some(out)
    }

    fn write(&mut self, candidates: Vec<Value>, last: bool, out: &mut Vec<u8>) {
        let mut response = Map::new();
        response.insert("candidates".into(), candidates.into());
        if last {
            let usage = self.usage.take().unwrap_or_else(|| usage::from_chat(None));
            response.insert("usageMetadata".into(), usage);
        }
        response.insert("modelVersion".into(), self.model.as_str().into());
        response.insert("responseId".into(), self.id.as_str().into());
        self.framing.write(&response.into(), out);
    }
}

impl Candidate {
    /// A fragment of a call, the `position`th of its chunk; gives the bytes that are kept of it.
    fn call(&mut self, position: usize, fragment: &Value) -> usize {
        let function = fragment.get("function").unwrap_or(&Value::Null);
        let (id, name, arguments) =
            (text(fragment, "id"), text(function, "name"), text(function, "arguments"));
        let index = fragment.get("index").and_then(Value::as_u64).unwrap_or(position as u64);
        // Some upstreams give every call the index 0: another id with a name is another call.
        let same = |call: &Call| {
            call.index == index && (id.is_empty() || call.id.is_empty() || call.id == id || name.is_empty())
        };
        let place = match self.calls.iter().rposition(same) {
            Some(place) => place,
            None if self.calls.len() >= MOST => return 0,
            None => {
                self.calls.push(Call { index, ..Call::default() });
                self.calls.len() - 1
            }
        };
        let Some(call) = self.calls.get_mut(place) else { return 0 };
        for (known, given) in [(&mut call.id, id), (&mut call.name, name)] {
            if known.is_empty() {
                known.push_str(given);
            }
        }
        call.arguments.push_str(arguments);
        arguments.len()
    }

    fn last(&mut self) -> Value {
        let calls = self.calls.iter().map(|call| function_call(&call.id, &call.name, &call.arguments));
        object([
            ("content", content(calls.collect())),
            ("finishReason", finish_reason(self.finish.as_deref()).into()),
            ("index", self.index.into()),
        ])
    }
}

impl Encoder for Events {
    fn push(&mut self, chunk: Value, out: &mut Vec<u8>) -> Result<(), Error> {
        if self.id.is_empty() {
            text(&chunk, "id").clone_into(&mut self.id);
        }
        if let Some(usage) = chunk.get("usage").filter(|usage| usage.is_object()) {
            self.usage = Some(usage::from_chat(Some(usage)));
        }
        let choices = chunk.get("choices").and_then(Value::as_array).into_iter().flatten();
        let candidates: Vec<Value> = choices.filter_map(|choice| self.choice(choice)).collect();
        if !candidates.is_empty() {
            self.write(candidates, false, out);
        }
        if self.kept > MOST_KEPT {
            return Err(Error::new(502, "internal_server_error", "A call of a tool is too long"));
        }
        Ok(())
    }

    fn end(&mut self, out: &mut Vec<u8>) {
        let last: Vec<Value> = self.candidates.iter_mut().map(Candidate::last).collect();
        self.write(last, true, out);
        self.framing.end(out);
    }

    fn fail(&mut self, error: &Error, _api: Api, out: &mut Vec<u8>) {
        self.framing.fail(error, out);
    }
}

//! A streamed answer of either API as `chat.completion.chunk`s. <https://docs.ollama.com/api/streaming>

use super::{answer, tools};
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

/// The most text that is held because it may be a call, in bytes.
const MOST_HELD: usize = 64 << 10;

/// The decoder.
pub struct Stream {
    facts: &'static Facts,
    /// What ids of calls begin with.
    id: String,
    /// Calls so far.
    calls: usize,
    /// Text that may turn out to be a call; `None` where it cannot.
    held: Option<String>,
    chunks: Chunks,
}

impl Stream {
    /// For the answer of `target`. Where tools are `prompted`, a text may be a call.
    pub fn new(target: &Target, prompted: bool) -> Self {
        Self {
            facts: target.provider().facts(),
            id: openai::id("call_", target, 0),
            calls: 0,
            held: prompted.then(String::new),
            chunks: Chunks::new(target),
        }
    }

    /// Numbers the calls of a piece after those of the pieces before.
    fn number(&mut self, delta: &mut Map<String, Value>) {
        for call in delta.get_mut("tool_calls").and_then(Value::as_array_mut).into_iter().flatten() {
            if let Some(call) = call.as_object_mut() {
                call.insert("index".into(), self.calls.into());
                self.calls += 1;
            }
        }
    }

    /// Holds text back while it may be a call. At the `last` piece it is known what it is.
    fn hold(&mut self, delta: &mut Map<String, Value>, last: bool) {
        let Some(mut held) = self.held.take() else { return };
        let content = delta.get_mut("content").map(Value::take).unwrap_or_default();
        held.push_str(content.as_str().unwrap_or_default());
        if !last && held.len() <= MOST_HELD && tools::may_be_call(&held) {
            self.held = Some(held);
        } else if let Some(function) = tools::call(&held).filter(|_| last) {
            let call = json!({ "index": 0, "id": self.id, "type": "function", "function": function });
            delta.insert("tool_calls".into(), json!([call]));
        } else {
            delta.insert("content".into(), held.into());
        }
    }
}

impl Decoder for Stream {
    fn push(&mut self, event: &Event, out: &mut Vec<Value>) -> Result<(), Error> {
        // One malformed line does not end a stream; without an end it is an error all the same.
        let Ok(body) = serde_json::from_str::<Value>(&event.data) else { return Ok(()) };
        if body.get("error").is_some_and(|error| !error.is_null()) {
            return Err(Error::inside(self.facts, &body));
        }
        let done = body.get("done").and_then(Value::as_bool) == Some(true);
        let mut delta = answer::said(&body, self.calls, &self.id);
        self.number(&mut delta);
        self.hold(&mut delta, done);
        if delta.get("content").and_then(Value::as_str) == Some("") {
            delta.shift_remove("content");
        }
        let end = Some(&body).filter(|_| done);
        self.chunks.say(delta, end.map(answer::finish_reason), end.and_then(answer::usage), out);
        Ok(())
    }

    fn end(&mut self, out: &mut Vec<Value>) -> Result<(), Error> {
        if let Some(held) = self.held.take().filter(|held| !held.is_empty()) {
            let delta = [("content".to_owned(), held.into())].into_iter().collect();
            self.chunks.say(delta, None, None, out);
        }
        self.chunks.end(out)
    }
}

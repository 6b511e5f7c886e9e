//! From a client of text completions to an upstream that has them: texts stay the texts they are.

use crate::{
    client::{
        Dialect,
        completions::text_completion,
        openai::{self as client, DONE, write_chunk},
    },
    error::Error,
    parameters,
    providers::Facts,
    sse,
    translate::{
        Answer, Flow, Outgoing, Pairing,
        events::{Events, Steps},
    },
    usage::{Tally, Usage},
    wire::{Target, Wire, openai},
};
use serde_json::{Map, Value};

/// The pair.
pub struct Native;

impl Pairing for Native {
    fn request(&self, target: &Target) -> Result<Outgoing, Error> {
        let mut asked = client::This.request(target)?;
        let extra = parameters::apply(&mut asked, target.deployment);
        asked.insert("model".into(), target.deployment.model.as_str().into());
        if let Some([only @ Value::String(_)]) =
            asked.get_mut("prompt").and_then(Value::as_array_mut).map(Vec::as_mut_slice)
        {
            let only = only.take();
            asked.insert("prompt".into(), only);
        }
        openai::fit(&mut asked, target)?;
        let mut headers = super::This.join(super::This.headers(&asked, target), extra);
        target.provider().amend(&mut asked, &mut headers, target)?;
        Ok(Outgoing::json(target.path(), headers, Value::from(asked).to_string().into_bytes()))
    }

    fn answer(&self, body: &[u8], target: &Target) -> Result<Answer, Error> {
        let facts = target.provider().facts();
        let body: Value = serde_json::from_slice(body).map_err(|e| Error::unreadable(facts, body, &e))?;
        if !body.get("choices").is_some_and(Value::is_array) {
            return Err(openai::without("choices", &body, facts));
        }
        let mut text = texts(body);
        let usage = Usage::of_chat(&mut text, target);
        if let Some(text) = text.as_object_mut() {
            text.insert("model".into(), target.call.model.as_str().into());
        }
        Ok(Answer::json(text.to_string().into_bytes(), usage))
    }

    fn flow(&self, target: &Target) -> Box<dyn Flow> {
        Box::new(Events::new(target, Relay::new(target)))
    }
}

/// Some answer with a chat's choices all the same.
fn texts(body: Value) -> Value {
    let first = body.pointer("/choices/0");
    let chats = first.is_some_and(|choice| choice.get("message").or(choice.get("delta")).is_some());
    if chats { text_completion(body) } else { body }
}

/// Passes chunks on, under the client's name for the model.
struct Relay {
    facts: &'static Facts,
    tally: Tally,
    /// The client's name for the model.
    model: String,
    /// The client wants the usage chunk.
    wants_usage: bool,
    /// The last chunk read, without its choices: what the usage chunk is made of.
    head: Map<String, Value>,
    /// A choice has come to its end.
    finished: bool,
    done: bool,
}

impl Relay {
    fn new(target: &Target) -> Self {
        Self {
            facts: target.provider().facts(),
            tally: Tally::new(target),
            model: target.call.model.clone(),
            wants_usage: target.call.include_usage,
            head: Map::new(),
            finished: false,
            done: false,
        }
    }

    fn forward(&mut self, chunk: Value, out: &mut Vec<u8>) {
        let mut chunk = texts(chunk);
        let choices = chunk.get("choices").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        self.finished |=
            choices.iter().any(|choice| choice.get("finish_reason").is_some_and(Value::is_string));
        let Some(map) = chunk.as_object_mut() else { return };
        map.insert("model".into(), self.model.as_str().into());
        if self.wants_usage {
            let head = map.iter().filter(|(name, _)| !matches!(name.as_str(), "choices" | "usage"));
            self.head = head.map(|(name, value)| (name.clone(), value.clone())).collect();
        }
        if self.tally.count(&mut chunk) {
            write_chunk(&chunk, out);
        }
    }

    fn finish(&mut self, out: &mut Vec<u8>) -> Result<(), Error> {
        self.done = true;
        if !self.finished {
            return Err(Error::truncated(self.facts));
        }
        if self.wants_usage {
            let head = std::mem::take(&mut self.head);
            write_chunk(&text_completion(self.tally.chunk(head.into())), out);
        }
        out.extend_from_slice(DONE);
        Ok(())
    }
}

impl Steps for Relay {
    fn push(&mut self, event: &sse::Event, out: &mut Vec<u8>) -> Result<(), Error> {
        if self.done {
            return Ok(());
        }
        if event.data.trim() == "[DONE]" {
            return self.finish(out);
        }
        // One event that cannot be read does not make the others unreadable; a lost end is noticed at the end.
        let Ok(chunk @ Value::Object(_)) = serde_json::from_str::<Value>(&event.data) else { return Ok(()) };
        if event.name == "error" || chunk.get("error").is_some_and(|error| !error.is_null()) {
            return Err(Error::inside(self.facts, &chunk));
        }
        self.forward(chunk, out);
        Ok(())
    }

    fn end(&mut self, out: &mut Vec<u8>) -> Result<(), Error> {
        if self.done { Ok(()) } else { self.finish(out) }
    }

    fn usage(&self) -> Usage {
        self.tally.usage()
    }
}

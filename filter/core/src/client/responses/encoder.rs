//! Chat chunks, turned into the events of a streamed response as they come.

mod items;

use super::{
    answer::{Ending, image_item},
    custom::Names,
    echo,
    events::Writer,
    text, usage,
};
use crate::{client::Encoder, error::Error, wire::Target, wire::openai};
use items::{Items, Kind};
use serde_json::{Map, Value};

/// Writes one streamed answer. Its last event repeats all of it: unlike in other dialects what was said has to be kept,
/// up to [`MOST_KEPT`].
pub struct Events {
    /// The response as it begins; taken when it does.
    first: Option<Map<String, Value>>,
    /// The response as it ends, but for its output.
    last: Map<String, Value>,
    writer: Writer,
    items: Items,
    finish: Option<String>,
    usage: Option<Value>,
}

/// Bytes of an answer that are kept for its last event; more than the longest answer of any model.
const MOST_KEPT: usize = 8 << 20;

impl Events {
    /// For the answer to the target's call.
    pub fn new(target: &Target) -> Self {
        let id = openai::id("resp_", target, 0);
        let echo = |begun| echo::response(target.call, &id, &target.now.into(), begun);
        let items = Items::new(id.strip_prefix("resp_").unwrap_or_default(), Names::of(&target.call.body));
        Self {
            first: Some(echo(true)),
            last: echo(false),
            writer: Writer::default(),
            items,
            finish: None,
            usage: None,
        }
    }

    fn begin(&mut self, out: &mut Vec<u8>) {
        let Some(mut response) = self.first.take() else { return };
        response.insert("status".into(), "in_progress".into());
        response.insert("output".into(), Value::Array(Vec::new()));
        for kind in ["response.created", "response.in_progress"] {
            self.writer.write(kind, [("response", response.clone().into())], out);
        }
    }

    fn delta(&mut self, delta: &Map<String, Value>, out: &mut Vec<u8>) {
        let said = |field: &str| delta.get(field).and_then(Value::as_str).filter(|text| !text.is_empty());
        let each = |field: &str| delta.get(field).and_then(Value::as_array).into_iter().flatten();
        let (writer, items) = (&mut self.writer, &mut self.items);
        let blocks: Vec<&Value> = each("thinking_blocks").collect();
        let thought = said("reasoning_content").or_else(|| said("reasoning"));
        if let Some(thought) = thought {
            items.say(Kind::Thought, thought, writer, out);
        }
        for block in blocks {
            if thought.is_none() {
                items.say(Kind::Thought, text(block, "thinking"), writer, out);
            }
            items.sign(block, writer, out);
        }
        match delta.get("content") {
            Some(Value::String(text)) => items.say(Kind::Text, text, writer, out),
            Some(Value::Array(parts)) => {
                for part in parts {
                    items.say(Kind::Text, text(part, "text"), writer, out);
                }
            }
            _ => {}
        }
        let parked = || delta.get("provider_specific_fields")?.get("refusal")?.as_str();
        if let Some(refusal) = said("refusal").or_else(parked) {
            items.say(Kind::Refusal, refusal, writer, out);
        }
        each("annotations").for_each(|note| items.cite(note, writer, out));
        for image in each("images") {
            items.whole(|id| image_item(id, image), writer, out);
        }
        for (position, call) in each("tool_calls").enumerate() {
            items.call(position, call, writer, out);
        }
    }
}

impl Encoder for Events {
    fn push(&mut self, chunk: Value, out: &mut Vec<u8>) -> Result<(), Error> {
        self.begin(out);
        if let Some(usage) = chunk.get("usage").filter(|usage| usage.is_object()) {
            self.usage = Some(usage::from_chat(Some(usage)));
        }
        let Some(choice) = chunk.pointer("/choices/0") else { return Ok(()) };
        if let Some(delta) = choice.get("delta").and_then(Value::as_object) {
            self.delta(delta, out);
        }
        if let Some(finish) = choice.get("finish_reason").and_then(Value::as_str) {
            self.finish = Some(finish.to_owned());
        }
        if self.items.kept() > MOST_KEPT {
            return Err(Error::new(
                502,
                "internal_server_error",
                "The answer is too long for a streamed response",
            ));
        }
        Ok(())
    }

    fn end(&mut self, out: &mut Vec<u8>) {
        self.begin(out);
        let ending = Ending::of(self.finish.as_deref());
        let output = self.items.finish(ending.status(), &mut self.writer, out);
        let mut response = std::mem::take(&mut self.last);
        ending.tell(&mut response);
        response.insert("output".into(), output.into());
        response.insert("usage".into(), self.usage.take().unwrap_or_else(|| usage::from_chat(None)));
        let kind = if ending == Ending::Complete { "response.completed" } else { "response.incomplete" };
        self.writer.write(kind, [("response", response.into())], out);
    }
}

//! A streamed response as `chat.completion.chunk`s. <https://platform.openai.com/docs/api-reference/responses-streaming>

use super::{answer, list, reasoning, text, usage};
use crate::{
    error::Error,
    operation::Api,
    providers::Facts,
    sse::Event,
    wire::{Decoder, Target, openai::Chunks},
};
use serde_json::{Map, Value, json};

/// The decoder. Keeps what names the items, never what they say.
pub struct Stream {
    facts: &'static Facts,
    api: Api,
    chunks: Chunks,
    /// The `output_index` of each call of a tool so far, in order.
    calls: Vec<u64>,
    /// Something of the item under way was said.
    said: bool,
    images: usize,
    ended: bool,
}

impl Stream {
    /// For the answer of `target`.
    pub fn new(target: &Target) -> Self {
        Self {
            facts: target.provider().facts(),
            api: target.call.api(),
            chunks: Chunks::new(target),
            calls: Vec::new(),
            said: false,
            images: 0,
            ended: false,
        }
    }

    fn say(&mut self, name: &str, value: Value, out: &mut Vec<Value>) {
        if value.as_str() == Some("") {
            return;
        }
        self.said = true;
        self.chunks.say([(name.to_owned(), value)].into_iter().collect(), None, None, out);
    }

    fn call(&mut self, call: Value, out: &mut Vec<Value>) {
        self.say("tool_calls", Value::Array(vec![call]), out);
    }

    /// More of what a call is given.
    fn arguments(&mut self, event: &Value, out: &mut Vec<Value>) {
        let at = event.get("output_index").and_then(Value::as_u64).unwrap_or(0);
        let index = self.calls.iter().rposition(|known| *known == at);
        let delta = text(event, "delta");
        if let Some(index) = index.filter(|_| !delta.is_empty()) {
            let function = json!({ "arguments": delta });
            self.call(json!({ "index": index, "type": "function", "function": function }), out);
        }
    }

    fn begin(&mut self, event: &Value, out: &mut Vec<Value>) {
        self.said = false;
        let Some(item) = event.get("item") else { return };
        if matches!(text(item, "type"), "function_call" | "custom_tool_call") {
            let index = self.calls.len();
            self.calls.push(event.get("output_index").and_then(Value::as_u64).unwrap_or(0));
            self.call(answer::call(item, index, self.api), out);
            self.said = ["arguments", "input"].iter().any(|name| !text(item, name).is_empty());
        }
    }

    /// An item is complete: what of it was not said as it came.
    fn finish(&mut self, event: &Value, out: &mut Vec<Value>) {
        let said = std::mem::take(&mut self.said);
        let Some(item) = event.get("item") else { return };
        match text(item, "type") {
            "reasoning" => {
                let thought = if said { String::new() } else { reasoning::said(item) };
                let sealed = reasoning::sealed(item, &thought).map(|block| Value::Array(vec![block]));
                let mut delta = Map::from_iter(sealed.map(|blocks| ("thinking_blocks".to_owned(), blocks)));
                if !thought.is_empty() {
                    delta.insert("reasoning_content".into(), thought.into());
                }
                if !delta.is_empty() {
                    self.chunks.say(delta, None, None, out);
                }
            }
            "message" if !said => {
                for part in list(item.get("content")) {
                    self.say("content", text(part, "text").into(), out);
                    self.say("refusal", text(part, "refusal").into(), out);
                }
            }
            "function_call" | "custom_tool_call" if !said => {
                let given =
                    ["arguments", "input"].iter().map(|name| text(item, name)).find(|t| !t.is_empty());
                let whole = json!({ "output_index": event.get("output_index"), "delta": given });
                self.arguments(&whole, out);
            }
            "image_generation_call" => {
                if let Some(image) = answer::image(item, self.images) {
                    self.images += 1;
                    self.say("images", Value::Array(vec![image]), out);
                }
            }
            _ => {}
        }
        self.said = false;
    }

    fn end(&mut self, response: &Value, out: &mut Vec<Value>) {
        if std::mem::replace(&mut self.ended, true) {
            return;
        }
        let items = list(response.get("output")).iter();
        let thought: Vec<Value> =
            items.filter(|item| text(item, "type") == "reasoning").map(reasoning::keepsake).collect();
        if !thought.is_empty() {
            self.say("reasoning_items", thought.into(), out);
        }
        let reason = answer::finish(response, !self.calls.is_empty());
        self.chunks.say(Map::new(), Some(reason), usage::chat(response.get("usage")), out);
    }
}

impl Decoder for Stream {
    fn push(&mut self, event: &Event, out: &mut Vec<Value>) -> Result<(), Error> {
        // One malformed event does not end a stream; without an end it is an error all the same.
        let Ok(event) = serde_json::from_str::<Value>(&event.data) else { return Ok(()) };
        let response = event.get("response").unwrap_or(&Value::Null);
        match text(&event, "type") {
            "response.created" => self.chunks.name(text(response, "id")),
            "response.output_text.delta" => self.say("content", text(&event, "delta").into(), out),
            "response.refusal.delta" => self.say("refusal", text(&event, "delta").into(), out),
            "response.reasoning_summary_text.delta" | "response.reasoning_text.delta" => {
                self.say("reasoning_content", text(&event, "delta").into(), out);
            }
            // Parts of a summary are paragraphs.
            "response.reasoning_summary_part.added" if self.said => {
                self.say("reasoning_content", "\n\n".into(), out);
            }
            "response.output_text.annotation.added" => {
                let note = event.get("annotation").map(|note| answer::annotation(note, 0));
                self.say("annotations", note.into_iter().collect(), out);
            }
            "response.function_call_arguments.delta" | "response.custom_tool_call_input.delta" => {
                self.arguments(&event, out);
            }
            "response.output_item.added" => self.begin(&event, out),
            "response.output_item.done" => self.finish(&event, out),
            "response.completed" | "response.incomplete" => self.end(response, out),
            "response.failed" => {
                let error = answer::failure(response, self.facts);
                return Err(error.unwrap_or_else(|| Error::truncated(self.facts)));
            }
            "error" | "" => return fault(event, self.facts),
            _ => {}
        }
        Ok(())
    }

    fn end(&mut self, _out: &mut Vec<Value>) -> Result<(), Error> {
        if self.ended { Ok(()) } else { Err(Error::truncated(self.facts)) }
    }
}

/// An event that is an error, in one of its shapes; or that says nothing.
fn fault(mut event: Value, facts: &Facts) -> Result<(), Error> {
    let nested = event.get_mut("error").map(Value::take).filter(|error| !error.is_null());
    match nested {
        Some(error) => Err(Error::inside(facts, &json!({ "error": answer::cause(error) }))),
        None if event.get("message").is_some() => {
            Err(Error::inside(facts, &json!({ "error": answer::cause(event) })))
        }
        None => Ok(()),
    }
}

//! A whole answer as a `chat.completion`.

use super::{
    finish_reason,
    names::RULE,
    usage::{self, Thought},
};
use crate::{
    error::Error,
    wire::{Target, anthropic::names::Asked, bedrock, json::spaced, openai::Thoughts},
};
use serde_json::{Map, Value, json};

/// Translates an answer.
pub fn completion(mut body: Value, target: &Target) -> Result<Value, Error> {
    let facts = target.provider().facts();
    let content = match body.pointer_mut("/output/message/content").map(Value::take) {
        Some(Value::Array(content)) => content,
        // A guardrail may leave no message at all.
        _ if body.get("stopReason").is_some_and(Value::is_string) => Vec::new(),
        _ => return Err(Error::unreadable(facts, body.to_string().as_bytes(), &"not a Converse answer")),
    };
    let asked = Asked::by(RULE, &target.call.body);
    let mut answer = Answer::default();
    for block in content {
        answer.push(block, &asked);
    }
    if let Some(fields) = body.get("additionalModelResponseFields") {
        answer.thought.count(fields);
    }
    let stop = body.get("stopReason").and_then(Value::as_str).unwrap_or_default();
    let finish = if answer.is_json() { "stop" } else { finish_reason(stop) };
    let usage = body.get("usage").and_then(|usage| usage::chat(usage, answer.thought));
    let mut completion = json!({
        "id": bedrock::answer_id(target),
        "object": "chat.completion",
        "created": target.now,
        "model": target.deployment.model,
        "choices": [{ "index": 0, "message": answer.message(), "finish_reason": finish }],
    });
    if let Value::Object(completion) = &mut completion {
        let mut put = |name: &str, value: Option<Value>| {
            completion.extend(value.map(|value| (name.to_owned(), value)));
        };
        put("usage", usage);
        put("trace", body.get_mut("trace").map(Value::take));
        put("service_tier", body.pointer("/serviceTier/type").cloned());
    }
    Ok(completion)
}

/// What the blocks of an answer amount to.
#[derive(Debug, Default)]
struct Answer {
    text: String,
    json: Option<Value>,
    calls: Vec<Value>,
    reasoning: String,
    /// The API's own blocks of reasoning.
    thoughts: Vec<Value>,
    citations: Vec<Value>,
    thought: Thought,
}

impl Answer {
    fn push(&mut self, mut block: Value, asked: &Asked) {
        let mut take = |kind: &str| block.get_mut(kind).map(Value::take);
        if let Some(Value::String(text)) = take("text") {
            self.say(&text);
        }
        if let Some(call) = take("toolUse") {
            self.call(&call, asked);
        }
        if let Some(thought) = take("reasoningContent") {
            self.think(thought);
        }
        self.citations.extend(take("citationsContent"));
    }

    /// Some models put their reasoning into their text, between marks.
    fn say(&mut self, text: &str) {
        let (thought, text) = Thoughts::default().split(text, true);
        if !thought.is_empty() {
            self.think(json!({ "reasoningText": { "text": thought } }));
        }
        self.text.push_str(&text);
    }

    fn think(&mut self, thought: Value) {
        if let Some(text) = thought.pointer("/reasoningText/text").and_then(Value::as_str) {
            self.reasoning.push_str(text);
        }
        self.thoughts.push(thought);
        self.thought.any = true;
        self.thought.bytes = self.reasoning.len();
    }

    fn call(&mut self, call: &Value, asked: &Asked) {
        let name = call.get("name").and_then(Value::as_str).unwrap_or_default();
        let input = call.get("input").cloned().unwrap_or_else(|| json!({}));
        if asked.is_answer(name) {
            self.json.get_or_insert(input);
            return;
        }
        self.calls.push(json!({
            "index": self.calls.len(),
            "id": call.get("toolUseId"),
            "type": "function",
            "function": { "name": asked.names.client(name), "arguments": input.to_string() },
        }));
    }

    /// The answer is what the JSON tool was called with, and no other tool was.
    fn is_json(&self) -> bool {
        self.json.is_some() && self.calls.is_empty()
    }

    fn message(mut self) -> Value {
        let annotations = self.cite();
        let json = self.json.as_ref().map(|input| spaced(unwrapped(input)));
        let content = match json {
            // What was said around the JSON would spoil it.
            Some(json) if self.is_json() => json,
            Some(json) => std::mem::take(&mut self.text) + &json,
            None => std::mem::take(&mut self.text),
        };
        let mut fields = Map::new();
        let mut message = Map::new();
        message.insert("role".into(), "assistant".into());
        message.insert("content".into(), content.into());
        if !self.calls.is_empty() {
            message.insert("tool_calls".into(), self.calls.into());
        }
        if !annotations.is_empty() {
            message.insert("annotations".into(), annotations.into());
        }
        if !self.citations.is_empty() {
            fields.insert("citationsContent".into(), self.citations.into());
        }
        if !self.thoughts.is_empty() {
            let blocks: Vec<Value> = self.thoughts.iter().filter_map(thinking_block).collect();
            message.insert("reasoning_content".into(), self.reasoning.into());
            message.insert("thinking_blocks".into(), blocks.into());
            fields.insert("reasoningContentBlocks".into(), self.thoughts.into());
        }
        if !fields.is_empty() {
            message.insert("provider_specific_fields".into(), Value::Object(fields));
        }
        Value::Object(message)
    }

    /// Cited text is text, if there is no other but punctuation; then its sources can be told by their places in it.
    fn cite(&mut self) -> Vec<Value> {
        let (mut cited, mut annotations) = (String::new(), Vec::new());
        for block in &self.citations {
            let offset = cited.chars().count() as u64;
            let parts = block.get("content").and_then(Value::as_array).into_iter().flatten();
            parts.filter_map(|part| part.get("text")?.as_str()).for_each(|text| cited.push_str(text));
            let sources = block.get("citations").and_then(Value::as_array).into_iter().flatten();
            annotations.extend(sources.filter_map(|source| annotation(source, offset)));
        }
        if cited.is_empty() || self.text.chars().any(char::is_alphanumeric) {
            return Vec::new();
        }
        let blank = self.text.trim().is_empty();
        self.text = if blank { cited } else { cited + &self.text };
        annotations
    }
}

/// Some models name the object's `properties` as the schema does.
fn unwrapped(input: &Value) -> &Value {
    match input.as_object() {
        Some(object) if object.len() == 1 => object.get("properties").unwrap_or(input),
        _ => input,
    }
}

/// A block of reasoning in the form Anthropic's own API gives it.
pub fn thinking_block(thought: &Value) -> Option<Value> {
    if let Some(data) = thought.get("redactedContent") {
        return Some(json!({ "type": "redacted_thinking", "data": data }));
    }
    let said = thought.get("reasoningText")?;
    let mut block = json!({ "type": "thinking" });
    if let Value::Object(block) = &mut block {
        for (name, own) in [("thinking", "text"), ("signature", "signature")] {
            block.extend(said.get(own).map(|value| (name.to_owned(), value.clone())));
        }
    }
    Some(block)
}

fn annotation(source: &Value, offset: u64) -> Option<Value> {
    let place = source.pointer("/location/searchResultLocation")?;
    let at = |name: &str| Some(place.get(name)?.as_u64()?.saturating_add(offset));
    let text = |name: &str| source.get(name).and_then(Value::as_str).unwrap_or_default();
    Some(json!({ "type": "url_citation", "url_citation": {
        "start_index": at("start")?,
        "end_index": at("end")?,
        "title": text("title"),
        "url": text("source"),
    } }))
}

//! A whole answer as a `chat.completion`.

use super::{
    errors,
    event::finish_reason,
    names::Asked,
    server_tools,
    usage::{self, Thought},
};
use crate::{
    error::Error,
    wire::{Target, json::spaced},
};
use serde_json::{Map, Value, json};
use std::cell::LazyCell;

/// Translates an answer.
pub fn completion(body: Value, target: &Target) -> Result<Value, Error> {
    let facts = target.provider().facts();
    let strange = |body: &Value| Error::unreadable(facts, body.to_string().as_bytes(), &"not a message");
    if let Some(reported) = body.get("error").filter(|reported| !reported.is_null()) {
        return Err(errors::of_object(facts, reported));
    }
    let mut body = match body {
        Value::Object(body) if body.get("content").is_some_and(Value::is_array) => body,
        other => return Err(strange(&other)),
    };
    let content = body.remove("content").unwrap_or_default();
    let mut answer = Answer::default();
    let asked = LazyCell::new(|| Asked::of(&target.call.body));
    if let Value::Array(content) = content {
        for block in content {
            match block {
                Value::Object(block) => answer.push(block, || &asked),
                other => return Err(strange(&other)),
            }
        }
    }
    let stop = body.get("stop_reason").and_then(Value::as_str).unwrap_or_default();
    let finish = if answer.is_json() { "stop" } else { finish_reason(stop) };
    let mut completion = json!({
        "id": format!("chatcmpl-{}", body.get("id").and_then(Value::as_str).unwrap_or_default()),
        "object": "chat.completion",
        "created": target.now,
        "model": body.get("model").and_then(Value::as_str).unwrap_or(&target.deployment.model),
    });
    let usage = match body.get("usage") {
        Some(Value::Object(usage)) => Some(usage::chat(usage, answer.thought(), answer.tool_searches())),
        _ => None,
    };
    let message = answer.message(&body);
    if let Value::Object(completion) = &mut completion {
        completion
            .insert("choices".into(), json!([{ "index": 0, "message": message, "finish_reason": finish }]));
        if let Some(usage) = usage {
            completion.insert("usage".into(), usage);
        }
    }
    Ok(completion)
}

/// What the blocks of an answer amount to.
#[derive(Debug, Default)]
struct Answer {
    text: String,
    json: Vec<Value>,
    thinking: Vec<Value>,
    reasoning: String,
    calls: Vec<Value>,
    citations: Vec<Value>,
    searches: Vec<Value>,
    results: Vec<Value>,
    compactions: Vec<Value>,
    /// Inputs of the calls the provider answered itself: id, name, input.
    inputs: Vec<(String, String, Value)>,
}

impl Answer {
    fn push<'a>(&mut self, mut block: Map<String, Value>, asked: impl FnOnce() -> &'a Asked) {
        let kind = block.get("type").and_then(Value::as_str).unwrap_or_default().to_owned();
        match kind.as_str() {
            "text" => self.say(block),
            "tool_use" | "server_tool_use" => self.call(&kind, &mut block, asked()),
            "thinking" | "redacted_thinking" => {
                if let Some(Value::String(thinking)) = block.get("thinking") {
                    self.reasoning.push_str(thinking);
                }
                self.thinking.push(Value::Object(block));
            }
            "compaction" => self.compactions.push(Value::Object(block)),
            // How the provider found its tools is nobody's business.
            "tool_search_tool_result" => {}
            "web_search_tool_result" | "web_fetch_tool_result" => self.searches.push(Value::Object(block)),
            _ if kind.ends_with("_tool_result") => self.results.push(Value::Object(block)),
            _ => {}
        }
    }

    fn say(&mut self, mut block: Map<String, Value>) {
        let text = match block.remove("text") {
            Some(Value::String(text)) => text,
            _ => String::new(),
        };
        if let Some(Value::Array(mut citations)) = block.remove("citations") {
            for citation in citations.iter_mut().filter_map(Value::as_object_mut) {
                citation.insert("supported_text".into(), text.clone().into());
            }
            self.citations.push(citations.into());
        }
        if self.text.is_empty() {
            self.text = text;
        } else {
            self.text.push_str(&text);
        }
    }

    fn call(&mut self, kind: &str, block: &mut Map<String, Value>, asked: &Asked) {
        let input = block.remove("input").unwrap_or_else(|| json!({}));
        let name = block.get("name").and_then(Value::as_str).unwrap_or_default();
        if asked.is_answer(name) {
            self.json.push(input);
            return;
        }
        let mut call = json!({
            "index": self.calls.len(),
            "id": block.get("id"),
            "type": "function",
            "function": { "name": asked.names.client(name), "arguments": input.to_string() },
        });
        if let (Some(caller), Value::Object(call)) = (block.get("caller"), &mut call) {
            call.insert("caller".into(), caller.clone());
        }
        self.calls.push(call);
        if kind == "server_tool_use" {
            let id = block.get("id").and_then(Value::as_str).unwrap_or_default();
            self.inputs.push((id.to_owned(), name.to_owned(), input));
        }
    }

    /// The answer is what the JSON tool was called with, and no other tool was.
    fn is_json(&self) -> bool {
        !self.json.is_empty() && self.calls.is_empty()
    }

    fn thought(&self) -> Thought {
        match self.reasoning.len() {
            0 if self.thinking.is_empty() => Thought::None,
            0 => Thought::Hidden,
            bytes => Thought::Shown(bytes),
        }
    }

    fn tool_searches(&self) -> u64 {
        self.inputs.iter().filter(|(_, name, _)| name.contains("tool_search")).count() as u64
    }

    fn input(&self, result: &Value) -> Option<(&str, &str, &Value)> {
        let id = result.get("tool_use_id")?.as_str()?;
        let (id, name, input) = self.inputs.iter().find(|(own, ..)| own == id)?;
        Some((id, name, input))
    }

    fn message(mut self, body: &Map<String, Value>) -> Value {
        // Where the JSON is the whole answer, what was said around it would spoil it.
        let json = self
            .json
            .first()
            .map(|input| spaced(input.get("values").filter(|v| !v.is_null()).unwrap_or(input)));
        let content = match json {
            Some(json) if self.is_json() => json,
            Some(json) => std::mem::take(&mut self.text) + &json,
            None => std::mem::take(&mut self.text),
        };
        let fields = self.fields(body);
        let mut message = Map::new();
        message.insert("role".into(), "assistant".into());
        message.insert("content".into(), if content.is_empty() { Value::Null } else { content.into() });
        if !self.calls.is_empty() {
            message.insert("tool_calls".into(), self.calls.into());
        }
        if !self.thinking.is_empty() {
            message.insert("reasoning_content".into(), self.reasoning.into());
            message.insert("thinking_blocks".into(), self.thinking.into());
        }
        if !fields.is_empty() {
            message.insert("provider_specific_fields".into(), Value::Object(fields));
        }
        Value::Object(message)
    }

    /// `provider_specific_fields`: what the chat form has no place of its own for.
    fn fields(&self, body: &Map<String, Value>) -> Map<String, Value> {
        let container = body.get("container").filter(|container| !container.is_null());
        let mut fields = Map::new();
        let mut set = |name: &str, list: &[Value]| {
            if !list.is_empty() {
                fields.insert(name.into(), list.into());
            }
        };
        set("citations", &self.citations);
        set("thinking_blocks", &self.thinking);
        set("compaction_blocks", &self.compactions);
        set("tool_results", &self.results);
        if !self.results.is_empty() {
            let runs = self.results.iter();
            let runs = runs
                .filter_map(|run| server_tools::code_run(run, self.input(run).map(|(.., i)| i), container));
            set("code_interpreter_results", &runs.collect::<Vec<_>>());
        }
        set("web_search_results", &self.searches);
        let calls =
            self.searches.iter().filter(|search| super::messages::is(search, "web_search_tool_result"));
        let calls = calls.filter_map(|search| match self.input(search)? {
            (id, "web_search", input) => Some(server_tools::web_search_call(id, Some(input), Some(search))),
            _ => None,
        });
        set("web_search_calls", &calls.collect::<Vec<_>>());
        for (name, value) in
            [("context_management", body.get("context_management")), ("container", container)]
        {
            if let Some(value) = value.filter(|value| !value.is_null()) {
                fields.insert(name.into(), value.clone());
            }
        }
        fields
    }
}

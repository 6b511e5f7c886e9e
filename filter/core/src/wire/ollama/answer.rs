//! A whole answer as a `chat.completion`, and what any piece of an answer says.

use super::{list, text, tools};
use crate::{
    error::Error,
    wire::{Target, Wire, openai},
};
use serde_json::{Map, Value, json};

/// From an answer of either API.
pub fn completion(body: &Value, target: &Target) -> Result<Value, Error> {
    let facts = target.provider().facts();
    if body.get("error").is_some_and(|error| !error.is_null()) {
        return Err(Error::inside(facts, body));
    }
    if body.get("message").is_none() && body.get("response").is_none() {
        return Err(Error::unreadable(facts, body.to_string().as_bytes(), &"neither message nor response"));
    }
    let mut message = said(body, 0, &openai::id("call_", target, 0));
    let prompted = body.get("message").is_none() && tools::are_prompted(target);
    if prompted && let Some(function) = tools::call(text(body, "response")) {
        let call = json!({ "id": openai::id("call_", target, 0), "type": "function", "function": function });
        message.insert("content".into(), Value::Null);
        message.insert("tool_calls".into(), json!([call]));
    }
    message.insert("role".into(), "assistant".into());
    let choice = json!({ "index": 0, "message": message, "finish_reason": finish_reason(body) });
    let answer = json!({
        "model": target.deployment.model,
        "choices": [choice],
        "usage": usage(body),
    });
    openai::This.answer(answer, target)
}

/// What an answer, or a piece of one, says. `before` calls were made before; an id of one begins with `id`.
pub fn said(body: &Value, before: usize, id: &str) -> Map<String, Value> {
    let message = body.get("message").unwrap_or(body);
    let content = message.get("content").or_else(|| message.get("response"));
    let mut said = Map::new();
    said.insert("content".into(), content.cloned().unwrap_or_default());
    let thought = text(message, "thinking");
    if !thought.is_empty() {
        said.insert("reasoning_content".into(), thought.into());
    }
    let calls = list(message.get("tool_calls")).iter().enumerate().map(|(at, call)| {
        let (at, function) = (before + at, call.get("function").unwrap_or(&Value::Null));
        let arguments = function.get("arguments").filter(|arguments| !arguments.is_null());
        let arguments = arguments.map_or_else(|| "{}".to_owned(), written);
        json!({
            "id": call.get("id").cloned().unwrap_or_else(|| format!("{id}_{at}").into()),
            "type": "function",
            "function": { "name": text(function, "name"), "arguments": arguments },
        })
    });
    let calls: Vec<Value> = calls.collect();
    if !calls.is_empty() {
        said.insert("tool_calls".into(), calls.into());
    }
    said
}

fn written(arguments: &Value) -> String {
    arguments.as_str().map_or_else(|| arguments.to_string(), str::to_owned)
}

/// Why it ended. What only says that a model was loaded, or that it was not, is an end like any other.
pub fn finish_reason(body: &Value) -> &'static str {
    if text(body, "done_reason") == "length" { "length" } else { "stop" }
}

/// Tokens, where both were counted.
pub fn usage(body: &Value) -> Option<Value> {
    let count = |name: &str| body.get(name).and_then(Value::as_u64);
    let (prompt, completion) = (count("prompt_eval_count")?, count("eval_count")?);
    Some(json!({
        "prompt_tokens": prompt,
        "completion_tokens": completion,
        "total_tokens": prompt.saturating_add(completion),
    }))
}

//! A whole answer in the shape `LiteLLM`'s clients know: `OpenAI`'s own, with every vendor's extras in one place.

use super::{fields, fields::map_finish_reason};
use crate::{
    error::Error,
    operation::Operation,
    providers::{Extras, Facts, Finish, json_tool},
    wire::Target,
};
use serde_json::{Map, Value, json};

/// The fields of every answer.
const ANSWER: &[&str] = &["choices", "created", "id", "model", "object", "usage"];

/// The fields of a message that `OpenAI`'s clients know; others go to `provider_specific_fields`.
const MESSAGE: &[&str] = &[
    "annotations",
    "audio",
    "content",
    "function_call",
    "images",
    "provider_specific_fields",
    "reasoning_content",
    "refusal",
    "role",
    "thinking_blocks",
    "tool_calls",
];

/// The fields of a choice that `OpenAI`'s clients know; others go to `provider_specific_fields`.
const CHOICE: &[&str] = &["finish_reason", "index", "logprobs", "message", "provider_specific_fields"];

/// Normalises an answer that came with a success status. An error inside it is an `Err`.
pub fn normalise(mut body: Value, target: &Target) -> Result<Value, Error> {
    let facts = target.provider().facts();
    let Some(map) = body.as_object_mut() else {
        return Err(Error::unreadable(facts, body.to_string().as_bytes(), &"not an object"));
    };
    let payload = match target.call.operation {
        Operation::Embeddings => "data",
        Operation::Moderations => "results",
        _ => "choices",
    };
    if !map.contains_key(payload) {
        return Err(without(payload, &body, facts));
    }
    if payload != "choices" {
        return Ok(body);
    }
    if facts.extras == Extras::Nowhere {
        map.retain(|name, _| ANSWER.contains(&name.as_str()));
    }
    let seed = map.len();
    let missing = |map: &Map<String, Value>, name: &str| map.get(name).is_none_or(Value::is_null);
    if missing(map, "id") {
        map.insert("id".into(), fields::id("chatcmpl-", target, seed).into());
    }
    if missing(map, "created") {
        map.insert("created".into(), target.now.into());
    }
    if missing(map, "object") {
        map.insert("object".into(), "chat.completion".into());
    }
    let choices =
        map.get_mut("choices").and_then(Value::as_array_mut).map(Vec::as_mut_slice).unwrap_or_default();
    for choice in choices.iter_mut().filter_map(Value::as_object_mut) {
        normalise_choice(choice, target);
    }
    if let (Some(finish), Some(answer)) = (target.provider().finish(), body.as_object_mut()) {
        match finish {
            Finish::Always(step) => step(answer),
            Finish::JsonTool => json_tool::unwrap(answer),
        }
    }
    Ok(body)
}

/// What an answer means that has not what it should: it says what is wrong, or nothing that can be understood.
pub fn without(payload: &str, body: &Value, facts: &Facts) -> Error {
    match body.get("error") {
        Some(error) if !error.is_null() => Error::inside(facts, body),
        _ => Error::unreadable(facts, body.to_string().as_bytes(), &format!("no {payload}")),
    }
}

fn normalise_choice(choice: &mut Map<String, Value>, target: &Target) {
    let mut called = false;
    if let Some(message) = choice.get_mut("message").and_then(Value::as_object_mut) {
        let reasoning = message.get("reasoning").filter(|text| !text.is_null()).cloned();
        fields::name_reasoning(message);
        fields::flatten_content(message);
        split_thoughts(message);
        called = fix_tool_calls(message, target);
        let refusal = message.get("refusal").filter(|refusal| !refusal.is_null()).cloned();
        let copies = [("refusal", refusal), ("reasoning", reasoning)];
        gather(message, MESSAGE, copies.into_iter().filter_map(|(name, copy)| Some((name, copy?))));
    }
    let native = choice.get("finish_reason").and_then(Value::as_str).map(str::to_owned);
    let reason = match map_finish_reason(native.as_deref().unwrap_or("stop")) {
        "stop" if called => "tool_calls",
        mapped => mapped,
    };
    choice.insert("finish_reason".into(), reason.into());
    let renamed = native.filter(|native| map_finish_reason(native) != native);
    gather(choice, CHOICE, renamed.map(|native| ("native_finish_reason", native.into())));
}

/// Moves what is not in `known`, and `extra`, to `provider_specific_fields`.
fn gather(
    map: &mut Map<String, Value>,
    known: &[&str],
    extra: impl IntoIterator<Item = (&'static str, Value)>,
) {
    let foreign: Vec<String> = map
        .iter()
        .filter(|(name, _)| !known.contains(&name.as_str()))
        .map(|(name, _)| name.clone())
        .collect();
    let mut fields: Vec<(String, Value)> =
        foreign.into_iter().filter_map(|name| map.shift_remove_entry(&name)).collect();
    fields.extend(extra.into_iter().map(|(name, value)| (name.to_owned(), value)));
    if fields.is_empty() {
        return;
    }
    let home = map.entry("provider_specific_fields").or_insert_with(|| json!({}));
    if !home.is_object() {
        *home = json!({});
    }
    if let Some(home) = home.as_object_mut() {
        home.extend(fields);
    }
}

/// `<think>…</think>` in front of the text is reasoning.
fn split_thoughts(message: &mut Map<String, Value>) {
    let Some(content) = message.get("content").and_then(Value::as_str) else { return };
    let Some((thought, rest)) =
        fields::THOUGHTS.iter().find_map(|(open, close)| content.strip_prefix(open)?.split_once(close))
    else {
        return;
    };
    let (thought, rest) = (Value::from(thought), Value::from(rest));
    if message.get("reasoning_content").is_none_or(Value::is_null) {
        message.insert("reasoning_content".into(), thought);
    }
    message.insert("content".into(), rest);
}

/// Every call gets an id, a type and its arguments as text. True when there are calls.
fn fix_tool_calls(message: &mut Map<String, Value>, target: &Target) -> bool {
    match message.get_mut("tool_calls").and_then(Value::as_array_mut) {
        None => return false,
        Some(calls) if !calls.is_empty() => {
            for (at, call) in calls.iter_mut().enumerate() {
                fix_tool_call(call, at, target);
            }
            return true;
        }
        Some(_) => {}
    }
    message.shift_remove("tool_calls");
    false
}

fn fix_tool_call(call: &mut Value, at: usize, target: &Target) {
    let Some(call) = call.as_object_mut() else { return };
    if call.get("id").is_none_or(Value::is_null) {
        call.insert("id".into(), fields::id("call_", target, at).into());
    }
    if call.get("type").is_none_or(Value::is_null) {
        call.insert("type".into(), "function".into());
    }
    if let Some(arguments) = call.get_mut("function").and_then(|function| function.get_mut("arguments"))
        && !arguments.is_string()
    {
        *arguments = if arguments.is_null() { "".into() } else { arguments.to_string().into() };
    }
}

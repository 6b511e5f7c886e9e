//! A chat request as a request for a response.

use super::{Style, input, name, object, tools};
use crate::{error::Error, wire::Target, wire::openai};
use serde_json::{Map, Value, json};

/// What the two APIs call by the same name. The rest of chat has no place here: `n`, `stop`, `seed`, penalties.
const SHARED: &[&str] = &[
    "background",
    "conversation",
    "include",
    "max_tool_calls",
    "parallel_tool_calls",
    "previous_response_id",
    "prompt",
    "prompt_cache_key",
    "safety_identifier",
    "service_tier",
    "store",
    "temperature",
    "top_logprobs",
    "top_p",
    "truncation",
    "user",
];

/// The upstream's body from a chat request whose settings have been applied.
pub fn build(mut chat: Map<String, Value>, target: &Target) -> Result<Map<String, Value>, Error> {
    // An effort may come with more (`summary`), which chat has no use for.
    let effort = chat.get("reasoning_effort").filter(|effort| effort.is_object()).cloned();
    openai::check(&mut chat, target, &["reasoning_effort"])?;
    target.provider().fit(&mut chat, target.deployment)?;
    if let (Some(effort), Some(left)) = (effort, chat.get_mut("reasoning_effort")) {
        *left = effort;
    }
    let style = Style::of(target);
    let mut out = Map::with_capacity(chat.len() + 2);
    let model = chat.get("model").and_then(Value::as_str).map(name).unwrap_or_default();
    out.insert("model".into(), model.into());
    input::put(chat.shift_remove("messages"), style, &mut out);
    let most = chat.shift_remove("max_tokens");
    if let Some(most) = chat.shift_remove("max_completion_tokens").or(most) {
        out.insert("max_output_tokens".into(), most);
    }
    for (field, value) in chat {
        put(&field, value, style, &mut out);
    }
    if !style.chat {
        // Their next request brings it back, as the signature of what was thought.
        out.entry("include").or_insert_with(|| json!(["reasoning.encrypted_content"]));
    }
    super::fit(&mut out);
    target.provider().fit_responses(&mut out, target.deployment)?;
    Ok(out)
}

fn put(field: &str, value: Value, style: Style, out: &mut Map<String, Value>) {
    let (name, value) = match field {
        "reasoning_effort" => {
            ("reasoning", if value.is_object() { value } else { object([("effort", value)]) })
        }
        "tools" | "functions" | "web_search_options" => return tools::put(field, value, style, out),
        "tool_choice" => (field, tools::choice(value)),
        "response_format" => return put_text(format(value).map(|format| ("format", format)), out),
        "verbosity" => return put_text(Some((field, value)), out),
        "stream" if value == Value::Bool(true) => (field, value),
        field if SHARED.contains(&field) => (field, value),
        _ => return,
    };
    out.insert(name.into(), value);
}

fn put_text(field: Option<(&str, Value)>, out: &mut Map<String, Value>) {
    let Some((name, value)) = field else { return };
    let text = out.entry("text").or_insert_with(|| json!({}));
    if let Some(text) = text.as_object_mut() {
        text.insert(name.into(), value);
    }
}

/// A format for the answer: the schema is one level higher than in chat.
fn format(mut format: Value) -> Option<Value> {
    let kind = format.get("type").and_then(Value::as_str)?;
    match kind {
        "json_schema" => {
            let mut schema = format.get_mut("json_schema").map(Value::take).unwrap_or_default();
            let mut take = |name: &str, default: Value| {
                let given = schema.get_mut(name).map(Value::take);
                given.filter(|value| !value.is_null()).unwrap_or(default)
            };
            let mut out = object([
                ("type", "json_schema".into()),
                ("name", take("name", "response_schema".into())),
                ("schema", take("schema", json!({}))),
                ("strict", take("strict", false.into())),
            ]);
            if let (Some(out), description @ Value::String(_)) =
                (out.as_object_mut(), take("description", Value::Null))
            {
                out.insert("description".into(), description);
            }
            Some(out)
        }
        "json_object" | "text" => Some(object([("type", kind.into())])),
        _ => None,
    }
}

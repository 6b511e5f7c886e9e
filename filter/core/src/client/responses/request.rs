//! A request for a response, turned into a chat request.

use super::{input, refused, tools};
use crate::{error::Error, wire::Target};
use serde_json::{Map, Value, json};

/// What asks for something to be kept from one response to the next. Only those who keep it can go on with it.
const KEPT: &[&str] = &["conversation", "previous_response_id", "prompt"];

/// What changes nothing in what a model is asked, or is a matter of `OpenAI`'s own service.
const HINTS: &[&str] = &[
    "background",
    "context_management",
    "include",
    "max_tool_calls",
    "metadata",
    "prompt_cache_key",
    "prompt_cache_retention",
    "store",
    "stream_options",
    "truncation",
];

/// A request in the internal form. Fields without a translation stay as they are.
pub fn chat(mut body: Map<String, Value>, target: &Target) -> Result<Map<String, Value>, Error> {
    refuse_kept(&body, target)?;
    for name in HINTS {
        body.shift_remove(*name);
    }
    let mut take = |field: &str| body.shift_remove(field).filter(|value| !value.is_null());
    let (instructions, input) = (take("instructions"), take("input"));
    let (offered, choice, parallel) = (take("tools"), take("tool_choice"), take("parallel_tool_calls"));
    let (text, reasoning, most) = (take("text"), take("reasoning"), take("max_output_tokens"));
    let streams = target.call.stream;

    let mut chat = Map::new();
    chat.insert("messages".into(), input::messages(instructions, input)?);
    tools::put(offered, choice, parallel, target, &mut chat)?;
    let mut put = |name: &str, value: Option<Value>| {
        if let Some(value) = value.filter(|value| !value.is_null()) {
            chat.insert(name.into(), value);
        }
    };
    put("max_tokens", most);
    put("response_format", text.as_ref().and_then(format));
    if target.provider().takes("verbosity", target.deployment) {
        put("verbosity", text.as_ref().and_then(|text| text.get("verbosity").cloned()));
    }
    // A summary of what was thought is made where the thoughts themselves are not shown.
    put("reasoning_effort", reasoning.and_then(|reasoning| reasoning.get("effort").cloned()));
    put("logprobs", body.contains_key("top_logprobs").then(|| true.into()));
    put("stream_options", streams.then(|| json!({ "include_usage": true })));
    for (name, value) in body {
        chat.entry(name).or_insert(value);
    }
    Ok(chat)
}

/// Refuses what can only be done by who keeps responses.
fn refuse_kept(body: &Map<String, Value>, target: &Target) -> Result<(), Error> {
    for name in KEPT {
        if body.get(*name).is_some_and(|value| !value.is_null()) {
            let slug = target.provider().facts().slug;
            return Err(refused(
                *name,
                &format!("{slug} keeps no responses; send the conversation in `input`"),
            ));
        }
    }
    if body.get("background") == Some(&Value::Bool(true)) {
        return Err(refused("background", &format!("{} answers at once", target.provider().facts().slug)));
    }
    Ok(())
}

/// A format for the answer: the schema is one level deeper in chat.
fn format(text: &Value) -> Option<Value> {
    let format = text.get("format")?;
    match format.get("type").and_then(Value::as_str)? {
        "json_schema" => {
            let mut schema = format.as_object()?.clone();
            schema.shift_remove("type");
            schema.retain(|_, value| !value.is_null());
            Some(json!({ "type": "json_schema", "json_schema": schema }))
        }
        "json_object" => Some(json!({ "type": "json_object" })),
        _ => None,
    }
}

//! A Messages request, turned into a chat request.

use super::{messages, tools};
use crate::error::Error;
use serde_json::{Map, Value, json};

/// Hints to Anthropic's own service that change nothing in what is asked; other upstreams refuse them.
const HINTS: &[&str] = &["betas", "context_management", "litellm_metadata", "speed"];

/// A Messages request in the internal form. Fields without a translation stay as they are.
pub(super) fn chat(mut body: Map<String, Value>) -> Result<Map<String, Value>, Error> {
    let mut take = |field: &str| body.shift_remove(field).filter(|value| !value.is_null());
    let (system, turns) = (take("system"), take("messages"));
    let (offered, choice) = (take("tools"), take("tool_choice"));
    let (thinking, output) = (take("thinking"), take("output_config"));
    let (format, metadata) = (take("output_format"), take("metadata"));
    let (stop, tier) = (take("stop_sequences"), take("service_tier"));
    for hint in HINTS {
        take(hint);
    }

    let mut chat = Map::new();
    chat.insert("messages".into(), messages::chat(system, turns)?);
    tools::chat(offered, choice, &mut chat)?;
    let mut put = |field: &str, value: Option<Value>| {
        if let Some(value) = value {
            chat.insert(field.into(), value);
        }
    };
    put("reasoning_effort", thinking.and_then(|thinking| effort(&thinking, output.as_ref())));
    put("response_format", format.or_else(|| field(output, "format")).and_then(response_format));
    put("user", field(metadata, "user_id"));
    put("stop", stop.filter(|stop| stop.as_array().is_none_or(|stop| !stop.is_empty())));
    put("service_tier", tier.map(service_tier));
    if body.get("stream").and_then(Value::as_bool) == Some(true) {
        put("stream_options", Some(json!({ "include_usage": true })));
    }
    for (name, value) in body {
        chat.entry(name).or_insert(value);
    }
    Ok(chat)
}

fn field(object: Option<Value>, name: &str) -> Option<Value> {
    object?.as_object_mut()?.shift_remove(name).filter(|value| !value.is_null())
}

/// Anthropic's budget in tokens as one of `OpenAI`'s efforts; the thresholds are `LiteLLM`'s.
fn effort(thinking: &Value, output: Option<&Value>) -> Option<Value> {
    let effort = match thinking.get("type").and_then(Value::as_str)? {
        "disabled" => "none",
        "adaptive" => output.and_then(|output| output.get("effort")?.as_str()).unwrap_or("medium"),
        "enabled" => match thinking.get("budget_tokens").and_then(Value::as_u64).unwrap_or(0) {
            4096.. => "high",
            2048.. => "medium",
            1024.. => "low",
            _ => "minimal",
        },
        _ => return None,
    };
    Some(effort.into())
}

/// <https://docs.anthropic.com/en/docs/build-with-claude/structured-outputs>
fn response_format(mut format: Value) -> Option<Value> {
    if format.get("type")? != "json_schema" {
        return None;
    }
    let mut schema = format.get_mut("schema").map(Value::take).filter(Value::is_object)?;
    make_strict(&mut schema);
    Some(json!({
        "type": "json_schema",
        "json_schema": { "name": "structured_output", "schema": schema, "strict": true },
    }))
}

/// What `OpenAI`'s strict mode asks of a schema: every object closed, every property required.
fn make_strict(schema: &mut Value) {
    let Some(schema) = schema.as_object_mut() else { return };
    if schema.get("type").is_some_and(|kind| kind == "object")
        && let Some(Value::Object(properties)) = schema.get_mut("properties")
    {
        properties.values_mut().for_each(make_strict);
        let required = properties.keys().cloned().collect();
        schema.insert("additionalProperties".into(), false.into());
        schema.insert("required".into(), required);
    }
    schema.get_mut("items").map(make_strict);
    for key in ["anyOf", "oneOf", "allOf"] {
        if let Some(Value::Array(branches)) = schema.get_mut(key) {
            branches.iter_mut().for_each(make_strict);
        }
    }
    for key in ["$defs", "definitions"] {
        if let Some(Value::Object(named)) = schema.get_mut(key) {
            named.values_mut().for_each(make_strict);
        }
    }
}

/// Anthropic's `standard_only` is what `OpenAI` calls `default`; `auto` is the same in both.
fn service_tier(tier: Value) -> Value {
    if tier == "standard_only" { "default".into() } else { tier }
}

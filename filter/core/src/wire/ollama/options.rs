//! What a request asks for beside its messages: fields of the API, and options of the model.
//! <https://docs.ollama.com/modelfile#valid-parameters-and-values>

use crate::wire::Target;
use serde_json::{Map, Value, json};

/// The fields of either API; what else a request has is an option of the model.
const FIELDS: [&str; 12] = [
    "format",
    "keep_alive",
    "model",
    "options",
    "raw",
    "shift",
    "stream",
    "suffix",
    "system",
    "template",
    "think",
    "tools",
];

/// The body without its messages, from the parameters that are left of a chat request.
pub fn body(mut chat: Map<String, Value>, target: &Target) -> Map<String, Value> {
    chat.shift_remove("tool_choice"); // the model's own
    if let Some(effort) = chat.shift_remove("reasoning_effort") {
        chat.insert("think".into(), think(&effort, target));
    }
    let format = chat.shift_remove("response_format").as_ref().and_then(format);
    chat.extend(format.map(|format| ("format".to_owned(), format)));
    chat.entry("stream").or_insert(Value::Bool(false)); // it streams unless told not to
    let added = added(target);
    let (mut body, mut options): (Map<String, Value>, Map<String, Value>) =
        chat.into_iter().partition(|(name, _)| FIELDS.contains(&name.as_str()) || added.contains(name));
    match body.shift_remove("options") {
        Some(Value::Object(given)) => options.extend(given),
        Some(other) => drop(options.insert("options".into(), other)),
        None => {}
    }
    body.insert("options".into(), options.into());
    body
}

/// What a client or a deployment adds to the body by name (`extra_body`).
fn added(target: &Target) -> Vec<String> {
    let of_deployment = target.deployment.params.get("extra_body").and_then(Value::as_object);
    let mut names: Vec<String> = of_deployment.into_iter().flat_map(Map::keys).cloned().collect();
    let of_client = target.call.field("extra_body").and_then(|text| serde_json::from_str(text).ok());
    names.extend(
        of_client.into_iter().flat_map(|extra: Map<String, Value>| extra.into_iter().map(|(name, _)| name)),
    );
    names
}

/// Models think or do not; `gpt-oss` thinks more or less.
fn think(effort: &Value, target: &Target) -> Value {
    let effort = effort.get("effort").unwrap_or(effort);
    if target.deployment.model.starts_with("gpt-oss") {
        return effort.clone();
    }
    effort.as_str().is_some_and(|effort| matches!(effort, "low" | "medium" | "high")).into()
}

/// JSON of any kind, or of a schema.
fn format(asked: &Value) -> Option<Value> {
    match asked.get("type")?.as_str()? {
        "json_object" => Some(json!("json")),
        "json_schema" => asked.pointer("/json_schema/schema").filter(|schema| !schema.is_null()).cloned(),
        _ => None,
    }
}

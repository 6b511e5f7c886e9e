//! Parameters under Oracle's names. What it does not know it refuses, so nothing else goes up.

use super::refused;
use crate::{
    deployment::Deployment,
    error::Error,
    wire::{Target, openai},
};
use serde_json::{Map, Value, json};

/// Tokens of an answer where nobody says how many: without a cap Oracle's own is some twenty.
const MAX_TOKENS: u64 = 4096;

/// `OpenAI`'s names, and Oracle's.
const BOTH: [(&str, &str); 8] = [
    ("frequency_penalty", "frequencyPenalty"),
    ("presence_penalty", "presencePenalty"),
    ("seed", "seed"),
    ("temperature", "temperature"),
    ("top_p", "topP"),
    ("response_format", "responseFormat"),
    ("max_tokens", "maxTokens"),
    ("max_completion_tokens", "maxTokens"),
];

/// What has a place in one chat format.
pub struct Known {
    /// `OpenAI`'s names, and its.
    pub renamed: &'static [(&'static str, &'static str)],
    /// Its own, which `OpenAI`'s API has no name for.
    pub own: &'static [&'static str],
}

/// What is left of a chat request whose messages and tools were taken out, under Oracle's names.
pub fn named(mut chat: Map<String, Value>, known: &Known) -> Map<String, Value> {
    let mut out = Map::new();
    if let Some(stop @ Value::String(_)) = chat.get_mut("stop") {
        *stop = json!([stop.take()]);
    }
    for (name, theirs) in BOTH.iter().chain(known.renamed) {
        if let Some(value) = chat.shift_remove(*name).or_else(|| chat.shift_remove(*theirs)) {
            out.insert((*theirs).to_owned(), value);
        }
    }
    let own = known.own.iter().filter_map(|name| chat.shift_remove_entry(*name));
    out.extend(own);
    out.entry("maxTokens").or_insert_with(|| MAX_TOKENS.into());
    out
}

/// What goes before any of it: what is not taken is refused, or dropped where the deployment says so.
pub fn fit(chat: &mut Map<String, Value>, target: &Target) -> Result<(), Error> {
    // Clients of other APIs do not ask for it themselves.
    if target.call.field("stream_options").is_some() && !target.deployment.switch("drop_params") {
        return Err(refused("param `stream_options` is not supported on OCI"));
    }
    openai::fit(chat, target)
}

/// Models that think want to be told what they may use for that, too, by another name.
/// <https://docs.oracle.com/en-us/iaas/api/#/en/generative-ai-inference/20231130/datatypes/GenericChatRequest>
pub fn counts_thoughts(deployment: &Deployment) -> bool {
    match deployment.model.strip_prefix("openai.") {
        Some(model) => !model.starts_with("gpt-oss"),
        None => deployment.supports("supports_reasoning") == Some(true),
    }
}

/// `LOW`, of `OpenAI`'s `"low"` or `{"effort": "low"}`.
pub fn effort(given: &Value) -> Option<String> {
    let effort = given.as_str().or_else(|| given.get("effort")?.as_str())?;
    Some(if effort.eq_ignore_ascii_case("disable") { "NONE".into() } else { effort.to_ascii_uppercase() })
}

/// `{"type": "FUNCTION", "name": …}`, `{"type": "AUTO"}`.
pub fn tool_choice(given: &Value) -> Result<Value, Error> {
    let kind = given.as_str().or_else(|| given.get("type")?.as_str()).unwrap_or_default();
    match kind.to_ascii_lowercase().as_str() {
        "auto" => Ok(json!({ "type": "AUTO" })),
        "none" => Ok(json!({ "type": "NONE" })),
        "required" | "any" => Ok(json!({ "type": "REQUIRED" })),
        "function" => {
            let name = given.pointer("/function/name").or_else(|| given.get("name")).and_then(Value::as_str);
            let name = name.filter(|name| !name.is_empty());
            let name = name.ok_or_else(|| refused("tool_choice: the name of the function is missing"))?;
            Ok(json!({ "type": "FUNCTION", "name": name }))
        }
        other => Err(refused(format_args!("tool_choice: there is no type `{other}`"))),
    }
}

/// The form of an answer, for models of all vendors but one.
pub fn response_format(given: &Value) -> Result<Value, Error> {
    let kind = given.get("type").and_then(Value::as_str).unwrap_or_default().to_ascii_lowercase();
    if kind != "json_schema" {
        let kind = if kind == "json" { "json_object" } else { &kind };
        return Ok(json!({ "type": kind.to_ascii_uppercase() }));
    }
    let Some(asked) = given.get("json_schema").filter(|schema| schema.is_object()) else {
        return Err(refused("response_format type 'json_schema' requires a 'json_schema' object"));
    };
    let name = asked.get("name").filter(|name| !name.is_null()).cloned();
    let mut schema = Map::from_iter([("name".to_owned(), name.unwrap_or_else(|| "response".into()))]);
    for (name, theirs) in [("description", "description"), ("schema", "schema"), ("strict", "isStrict")] {
        if let Some(value) = asked.get(name).filter(|value| !value.is_null()) {
            schema.insert(theirs.into(), value.clone());
        }
    }
    Ok(json!({ "type": "JSON_SCHEMA", "jsonSchema": schema }))
}

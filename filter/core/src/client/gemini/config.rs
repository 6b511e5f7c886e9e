//! `generationConfig`, turned into chat's parameters. <https://ai.google.dev/api/generate-content#v1beta.GenerationConfig>

use super::{schema, take};
use crate::wire::Target;
use serde_json::{Map, Value, json};

/// The names of what is the same in both.
const NAMES: [(&str, &str); 8] = [
    ("temperature", "temperature"),
    ("topP", "top_p"),
    ("maxOutputTokens", "max_tokens"),
    ("stopSequences", "stop"),
    ("seed", "seed"),
    ("presencePenalty", "presence_penalty"),
    ("frequencyPenalty", "frequency_penalty"),
    ("logprobs", "top_logprobs"),
];

/// Puts the settings into the chat request. What is no part of chat's API (`topK`) is for those who know it.
pub fn put(mut settings: Map<String, Value>, target: &Target, chat: &mut Map<String, Value>) {
    for (name, own) in NAMES {
        chat.extend(take(&mut settings, name).map(|value| (own.to_owned(), value)));
    }
    if let Some(count) = take(&mut settings, "candidateCount").filter(|count| *count != json!(1)) {
        chat.insert("n".into(), count);
    }
    if take(&mut settings, "responseLogprobs") == Some(Value::Bool(true)) {
        chat.insert("logprobs".into(), true.into());
    }
    let kind = take(&mut settings, "responseMimeType");
    let given = take(&mut settings, "responseJsonSchema");
    let schema = given.or_else(|| take(&mut settings, "responseSchema").map(schema::json));
    chat.extend(format(kind.as_ref(), schema).map(|format| ("response_format".to_owned(), format)));
    if let Some(Value::Object(thinking)) = take(&mut settings, "thinkingConfig") {
        think(thinking, target, chat);
    }
}

fn format(kind: Option<&Value>, schema: Option<Value>) -> Option<Value> {
    match (kind.and_then(Value::as_str), schema) {
        (_, Some(schema)) => {
            Some(json!({ "type": "json_schema", "json_schema": { "name": "response", "schema": schema } }))
        }
        (Some("application/json"), None) => Some(json!({ "type": "json_object" })),
        _ => None,
    }
}

/// A level is an effort; so is a budget of tokens. Who does not think need not be told not to.
fn think(mut thinking: Map<String, Value>, target: &Target, chat: &mut Map<String, Value>) {
    let level = take(&mut thinking, "thinkingLevel").and_then(|level| level.as_str().map(str::to_lowercase));
    let budget = take(&mut thinking, "thinkingBudget").and_then(|budget| budget.as_i64());
    let effort = level.or_else(|| budget.and_then(effort).map(str::to_owned));
    let Some(effort) = effort.filter(|effort| effort != "thinking_level_unspecified") else { return };
    if effort != "none" || target.deployment.supports("supports_reasoning") == Some(true) {
        chat.insert("reasoning_effort".into(), effort.into());
    }
}

/// An effort for a budget in tokens, by `LiteLLM`'s thresholds; `None` leaves it to the model.
fn effort(budget: i64) -> Option<&'static str> {
    match budget {
        ..=-1 => None,
        0 => Some("none"),
        1..=1024 => Some("low"),
        1025..=2048 => Some("medium"),
        _ => Some("high"),
    }
}

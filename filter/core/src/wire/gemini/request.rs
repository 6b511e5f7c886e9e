//! The body of a request.

use super::{
    bad_request, config,
    contents::{self, Conversation},
    media,
    model::Model,
    params,
    tools::{self, Tools},
};
use crate::{error::Error, wire::Target};
use memchr::memmem;
use serde::Deserialize;
use serde_json::{Map, Value, json};

/// From a chat request to a `generateContent` body. The API refuses what it does not know, so of the parameters that
/// mean nothing here only those leave that somebody put into `extra_body`.
pub fn body(mut chat: Map<String, Value>, target: &Target) -> Result<Value, Error> {
    let model = Model::of(target);
    params::admit(&mut chat, model)?;
    let Some(Value::Array(mut messages)) = chat.shift_remove("messages") else {
        return Err(bad_request("messages: must be a list"));
    };
    let Tools { list, config: choice } = tools::take(&mut chat)?;
    let mut config = config::take(&mut chat, media::highest_detail(&messages), model)?;
    if !model.takes_schema() {
        messages.extend(config.shift_remove("response_schema").as_ref().map(described));
    }
    let Conversation { system, contents } = contents::conversation(messages, model)?;

    let mut body = Map::new();
    body.insert("contents".into(), contents.into());
    if !system.is_empty() {
        body.insert("system_instruction".into(), json!({ "parts": system }));
    }
    if !list.is_empty() {
        let list = Value::Array(list);
        config::beside_maps(&mut config, &list);
        body.insert("tools".into(), list);
    }
    if !choice.is_empty() {
        body.insert("toolConfig".into(), choice.into());
    }
    if !config.is_empty() {
        body.insert("generationConfig".into(), config.into());
    }
    aside(&mut body, &mut chat, target);
    unfold(&mut body, chat, target);
    Ok(body.into())
}

/// A schema for a model that takes none, as a request of the user's.
fn described(schema: &Value) -> Value {
    json!({ "role": "user", "content": format!("Use this JSON schema: \n    ```json \n    {schema}\n    ```") })
}

/// What concerns neither the conversation nor the model's settings.
fn aside(body: &mut Map<String, Value>, chat: &mut Map<String, Value>, target: &Target) {
    for (name, own) in [("safety_settings", "safetySettings"), ("cached_content", "cachedContent")] {
        body.extend(chat.shift_remove(name).map(|value| (own.to_owned(), value)));
    }
    if let Some(Value::String(tier)) = chat.shift_remove("service_tier") {
        let tier = match tier.to_lowercase().as_str() {
            "auto" => "priority".to_owned(),
            "default" => "standard".to_owned(),
            other => other.to_owned(),
        };
        body.insert("serviceTier".into(), tier.into());
    }
    let labels = chat.shift_remove("labels").or_else(|| requester(&target.call.body));
    if let Some(labels) = labels.filter(|_| target.provider().takes("labels", target.deployment)) {
        body.insert("labels".into(), labels);
    }
}

/// Adds what was put into `extra_body`, by the client or by the deployment.
fn unfold(body: &mut Map<String, Value>, chat: Map<String, Value>, target: &Target) {
    let client: Map<String, Value> = read::<Extra>(&target.call.body, "extra_body").extra_body;
    let own = target.deployment.params.get("extra_body").and_then(Value::as_object);
    for (name, value) in chat {
        if !client.contains_key(&name) && !own.is_some_and(|own| own.contains_key(&name)) {
            continue;
        }
        match (body.get_mut(&name), value) {
            (Some(Value::Object(known)), Value::Object(more)) => known.extend(more),
            (_, value) => drop(body.insert(name, value)),
        }
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Extra {
    extra_body: Map<String, Value>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Described {
    metadata: Metadata,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Metadata {
    requester_metadata: Map<String, Value>,
}

/// The labels that the client's `metadata` asks for: the texts in it.
fn requester(body: &[u8]) -> Option<Value> {
    let mut labels = read::<Described>(body, "requester_metadata").metadata.requester_metadata;
    labels.retain(|_, label| label.is_string());
    (!labels.is_empty()).then(|| labels.into())
}

/// Reads fields of the client's body that are gone from the chat request. Most bodies have none and are not read again.
fn read<T: for<'de> Deserialize<'de> + Default>(body: &[u8], mentioning: &str) -> T {
    let mentioned = memmem::find(body, mentioning.as_bytes()).is_some();
    mentioned.then(|| serde_json::from_slice(body).ok()).flatten().unwrap_or_default()
}

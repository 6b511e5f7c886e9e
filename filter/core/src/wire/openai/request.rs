//! A chat request on its way out: parameters that fit the model, messages that fit the API.

use super::messages::{self, Content};
use crate::{error::Error, operation::Operation, parameters, wire::Target};
use serde_json::{Map, Value, json};

/// The upstream's body from a chat request whose settings have been applied.
pub fn build(mut chat: Map<String, Value>, target: &Target) -> Result<Map<String, Value>, Error> {
    if target.call.operation == Operation::Embeddings {
        target.provider().fit_embeddings(&mut chat, target.deployment)?;
        return Ok(chat);
    }
    if matches!(target.call.operation, Operation::Moderations | Operation::Speech) {
        return Ok(chat);
    }
    fit(&mut chat, target)?;
    let rules = target.provider().rules(target.deployment);
    if let Some(Value::Array(messages)) = chat.get_mut("messages") {
        if rules.content != Content::Text {
            *messages = messages::hoist_images(std::mem::take(messages));
        }
        for message in messages {
            rules.clean(message);
        }
    }
    if let Some(Value::Array(tools)) = chat.get_mut("tools") {
        for tool in tools {
            rules.clean_tool(tool);
        }
    }
    Ok(chat)
}

/// The parameters of `OpenAI`'s chat API, in the order they are reported in.
const KNOWN: &[&str] = &[
    "functions",
    "function_call",
    "temperature",
    "top_p",
    "n",
    "stop",
    "max_tokens",
    "max_completion_tokens",
    "modalities",
    "prediction",
    "audio",
    "presence_penalty",
    "frequency_penalty",
    "logit_bias",
    "response_format",
    "seed",
    "tools",
    "tool_choice",
    "logprobs",
    "top_logprobs",
    "parallel_tool_calls",
    "reasoning_effort",
    "verbosity",
    "thinking",
    "web_search_options",
    "service_tier",
    "safety_identifier",
    "prompt_cache_key",
    "store",
];

/// Of those, what is not worth a refusal where it means nothing.
const SILENT: &[&str] = &["n", "stream", "stream_options", "user"];

/// Refuses (or drops, where the deployment says so) the parameters that the model does not take; `lets` names what it
/// takes all the same.
pub fn check(chat: &mut Map<String, Value>, target: &Target, lets: &[&str]) -> Result<(), Error> {
    let (provider, deployment) = (target.provider(), target.deployment);
    parameters::check(chat, deployment, KNOWN, |name| {
        !lets.contains(&name) && !provider.takes(name, deployment)
    })
}

/// Everything about a chat request except its messages and its tools, whose mere presence counts here.
pub fn fit(chat: &mut Map<String, Value>, target: &Target) -> Result<(), Error> {
    let (provider, deployment) = (target.provider(), target.deployment);
    check(chat, target, &[])?;
    for name in SILENT.iter().filter(|name| !provider.takes(name, deployment)) {
        chat.shift_remove(*name);
    }
    // Not part of the chat API as LiteLLM serves it.
    chat.shift_remove("prompt_cache_retention");
    let empty = |name| chat.get(name).is_none_or(|list| list.as_array().is_some_and(Vec::is_empty));
    if empty("tools") && empty("functions") {
        chat.shift_remove("tool_choice");
    }
    if let Some(mode) = chat.get("tool_choice").and_then(plain_mode).map(str::to_owned) {
        chat.insert("tool_choice".into(), mode.into());
    }
    if let Some(Value::Array(stops)) = chat.get_mut("stop") {
        stops.truncate(4); // the API's limit
    }
    if chat.get("stream").and_then(Value::as_bool) == Some(true) {
        if provider.facts().asks_usage && provider.takes("stream_options", deployment) {
            ask_for_usage(chat);
        }
    } else {
        chat.shift_remove("stream_options");
    }
    provider.fit(chat, deployment)?;
    for (name, own) in provider.facts().renames {
        if let Some(value) = chat.shift_remove(*name) {
            chat.insert((*own).into(), value);
        }
    }
    Ok(())
}

/// `{"type": "auto"}` is Anthropic's way to say `"auto"`.
fn plain_mode(choice: &Value) -> Option<&str> {
    let mode = choice.as_object().filter(|choice| choice.len() == 1)?.get("type")?.as_str()?;
    matches!(mode, "auto" | "none" | "required").then_some(mode)
}

/// The ledger needs the usage whether or not the client does.
fn ask_for_usage(chat: &mut Map<String, Value>) {
    match chat.get_mut("stream_options").and_then(Value::as_object_mut) {
        Some(options) => drop(options.insert("include_usage".into(), true.into())),
        None => drop(chat.insert("stream_options".into(), json!({ "include_usage": true }))),
    }
}

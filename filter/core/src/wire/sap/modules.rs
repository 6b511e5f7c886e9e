//! The program: its modules, and what each takes of a chat request.

use super::{messages, tools};
use crate::{
    error::Error,
    wire::{Target, Wire, openai},
};
use serde_json::{Map, Value, json};

/// Modules beside the prompt, which a request may configure under their own names.
const MODULES: [&str; 4] = ["filtering", "grounding", "masking", "translation"];

/// How a stream is cut, which goes into its own place.
const STREAM: [&str; 2] = ["chunk_size", "delimiters"];

/// From a chat request.
pub fn program(chat: Map<String, Value>, target: &Target) -> Result<Value, Error> {
    let cut = cut(&chat);
    let Value::Object(mut chat) = openai::This.request(chat, target)? else { return Ok(Value::Null) };
    for transports in ["model", "stream", "stream_options", "tool_choice"] {
        chat.shift_remove(transports);
    }
    let values = chat.shift_remove("placeholder_values");
    let others = chat.shift_remove("fallback_sap_modules");
    let first = prompting(&target.deployment.model, chat)?;
    let mut modules = vec![first];
    for other in others.as_ref().and_then(Value::as_array).into_iter().flatten() {
        modules.push(fallback(other)?);
    }
    let modules = if modules.len() > 1 { modules.into() } else { modules.pop().unwrap_or_default() };
    let mut config = Map::new();
    config.insert("modules".into(), modules);
    if target.call.stream {
        let mut stream = cut;
        stream.insert("enabled".into(), true.into());
        config.insert("stream".into(), stream.into());
    }
    let mut body = json!({ "config": config });
    if let (Some(values), Value::Object(body)) = (values, &mut body) {
        body.insert("placeholder_values".into(), values);
    }
    Ok(body)
}

/// How the stream is to be cut, where the client or the deployment says so.
fn cut(chat: &Map<String, Value>) -> Map<String, Value> {
    let options = chat.get("stream_options");
    let told = |name: &&str| Some(((*name).to_owned(), options?.get(*name)?.clone()));
    STREAM.iter().filter_map(told).collect()
}

/// The modules that answer where the ones before have failed.
fn fallback(given: &Value) -> Result<Value, Error> {
    let mut given = given.as_object().cloned().unwrap_or_default();
    let Some(Value::String(model)) = given.shift_remove("model") else {
        return Err(Error::invalid(
            "litellm.BadRequestError: SapException - fallback_sap_modules: a model is missing",
        ));
    };
    prompting(model.strip_prefix("sap/").unwrap_or(&model), given)
}

/// The modules for one model. What is left of the request are the model's parameters.
fn prompting(model: &str, mut chat: Map<String, Value>) -> Result<Value, Error> {
    let mut prompt = Map::new();
    let turns = match chat.shift_remove("messages") {
        Some(Value::Array(turns)) => turns,
        _ => Vec::new(),
    };
    let template = turns.into_iter().map(messages::message).collect::<Result<Vec<Value>, Error>>()?;
    prompt.insert("template".into(), template.into());
    let defaults = chat.shift_remove("placeholder_defaults");
    prompt.extend(defaults.map(|defaults| ("defaults".to_owned(), defaults)));
    if let Some(Value::Array(list)) = chat.shift_remove("tools").filter(|tools| tools != &json!([])) {
        let list = list.iter().map(tools::tool).collect::<Result<Vec<Value>, Error>>()?;
        prompt.insert("tools".into(), list.into());
    }
    if let Some(format) = chat.shift_remove("response_format").filter(|format| format.get("type").is_some()) {
        prompt.insert("response_format".into(), tools::response_format(&format));
    }
    if model.starts_with("gpt") {
        chat.shift_remove("strict");
    }
    let version = chat.shift_remove("model_version").unwrap_or_else(|| "latest".into());
    let mut modules = Map::new();
    for name in MODULES {
        modules.extend(chat.shift_remove_entry(name).filter(|(_, module)| !module.is_null()));
    }
    let model = json!({ "name": model, "version": version, "params": chat });
    modules.insert("prompt_templating".into(), json!({ "prompt": prompt, "model": model }));
    Ok(modules.into())
}

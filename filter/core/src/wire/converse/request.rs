//! The body of a request.

use super::{
    bad_request,
    context::{self, Context},
    messages::{self, Conversation},
    model::Model,
    names::RULE,
    params, reasoning, response_format,
    tools::Tools,
};
use crate::{
    error::Error,
    parameters::unsupported_error,
    wire::{
        Target,
        anthropic::{self, names::Names},
        bedrock::asked_betas,
    },
};
use serde_json::{Map, Value, json};

/// `OpenAI` takes no more stop sequences, and `LiteLLM` passes no more on.
const MAX_STOPS: usize = 4;

/// Fields of the API's own that stand beside the messages.
const OWN: [&str; 3] = ["guardrailConfig", "performanceConfig", "serviceTier"];

/// Limits in the API's own words.
const LIMITS: [&str; 2] = ["maxTokens", "stopSequences"];

/// From a chat request to a Converse body. What the format does not know is for the model behind it.
pub fn body(mut chat: Map<String, Value>, target: &Target) -> Result<Value, Error> {
    let model = Model::of(target);
    params::admit(&mut chat, model)?;
    let Some(Value::Array(turns)) = chat.remove("messages") else {
        return Err(bad_request("messages: must be a list"));
    };
    let mut body = beside(&mut chat)?;
    let mut extra = Map::new();
    let mut limits = limits(&mut chat, model);
    sample(&mut chat, &mut limits, &mut extra, target)?;
    let thinks = reasoning::is_asked_for(&chat);
    let mut tools = Tools::of(&mut chat, model)?;
    if let Some(format) = chat.remove("response_format") {
        response_format::apply(format, thinks, &mut tools, &mut body, model);
    }
    if let Some(config) = response_format::of_config(&mut chat, model) {
        body.entry("outputConfig").or_insert(config);
    }
    reasoning::apply(&mut chat, &mut limits, &mut extra, model, target)?;
    context::manage(&mut chat, &mut extra, model);
    if let Some(Value::Object(own)) = chat.remove("additionalModelRequestFields") {
        extra.extend(own);
    }
    extra.extend(chat);
    tools.settle(&mut extra, model);
    tools.ask(&mut extra, asked_betas(target), model);

    converse(&mut body, turns, tools, model)?;
    body.insert("inferenceConfig".into(), Value::Object(limits));
    if extra.contains_key("thinking") {
        // Tokens of thinking are counted here only.
        body.insert("additionalModelResponseFieldPaths".into(), json!(["/usage/output_tokens_details"]));
    }
    if !extra.is_empty() {
        body.insert("additionalModelRequestFields".into(), Value::Object(extra));
    }
    Ok(Value::Object(body))
}

/// The conversation, and the tools under the names the API takes.
fn converse(
    body: &mut Map<String, Value>,
    turns: Vec<Value>,
    tools: Tools,
    model: Model,
) -> Result<(), Error> {
    let names = Names::by(RULE, tools.names().into_iter());
    let guarded = body.contains_key("guardrailConfig");
    let context = Context { model, names: &names, tools: tools.any(), guarded };
    let Conversation { system, messages } = messages::conversation(turns, context)?;
    body.insert("messages".into(), messages.into());
    if !system.is_empty() {
        body.insert("system".into(), system.into());
    }
    if let Some(config) = tools.config(&names) {
        body.insert("toolConfig".into(), config);
    }
    Ok(())
}

/// What stands beside the messages as it is.
fn beside(chat: &mut Map<String, Value>) -> Result<Map<String, Value>, Error> {
    let mut body = Map::new();
    for name in OWN {
        body.extend(chat.remove(name).map(|value| (name.to_owned(), value)));
    }
    if let Some(tier) = chat.remove("service_tier").as_ref().and_then(service_tier) {
        body.insert("serviceTier".into(), tier);
    }
    if let Some(metadata) = chat.remove("requestMetadata") {
        check_metadata(&metadata)?;
        body.insert("requestMetadata".into(), metadata);
    }
    Ok(body)
}

/// `inferenceConfig`: tokens and stop sequences, and what the client says in the API's own words.
fn limits(chat: &mut Map<String, Value>, model: Model) -> Map<String, Value> {
    let mut limits = Map::new();
    for name in LIMITS {
        limits.extend(chat.remove(name).map(|value| (name.to_owned(), value)));
    }
    let tokens = chat.remove("max_tokens");
    if let Some(tokens) = chat.remove("max_completion_tokens").or(tokens) {
        let tokens = tokens.as_u64().map_or(tokens, |tokens| tokens.max(model.min_tokens()).into());
        limits.insert("maxTokens".into(), tokens);
    }
    match chat.remove("stop") {
        Some(Value::String(stop)) if !stop.is_empty() => {
            limits.insert("stopSequences".into(), json!([stop]));
        }
        Some(Value::Array(mut stops)) => {
            stops.truncate(MAX_STOPS);
            limits.insert("stopSequences".into(), stops.into());
        }
        _ => {}
    }
    limits
}

/// How freely the model speaks.
fn sample(
    chat: &mut Map<String, Value>,
    limits: &mut Map<String, Value>,
    extra: &mut Map<String, Value>,
    target: &Target,
) -> Result<(), Error> {
    let model = Model::of(target);
    for (name, own) in [("temperature", "temperature"), ("top_p", "topP"), ("top_k", "topK")] {
        let Some(value) = chat.remove(name).or_else(|| chat.remove(own)) else { continue };
        let usual = name == "temperature" && value.as_f64() == Some(1.0);
        if !usual && !anthropic::model::Model::of(target).samples() {
            if model.drops() {
                continue;
            }
            return Err(unsupported_error(format_args!(
                "{} does not support {name}={value}. To drop unsupported params, set `litellm.drop_params = True`.",
                model.name()
            )));
        }
        // Of the last the API itself knows nothing.
        match own {
            "topK" if model.is_claude() => drop(extra.insert("top_k".into(), value)),
            "topK" if model.is_nova() => drop(extra.insert("inferenceConfig".into(), json!({ own: value }))),
            "topK" => {}
            _ => drop(limits.insert(own.into(), value)),
        }
    }
    Ok(())
}

/// `OpenAI` names tiers that the API does not know.
fn service_tier(tier: &Value) -> Option<Value> {
    let tier = match tier.as_str()? {
        "auto" => "default",
        tier @ ("default" | "flex" | "priority") => tier,
        _ => return None,
    };
    Some(json!({ "type": tier }))
}

/// <https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html#bedrock-runtime_Converse-request-requestMetadata>
fn check_metadata(metadata: &Value) -> Result<(), Error> {
    const MAX_ITEMS: usize = 16;
    const MAX_CHARS: usize = 256;
    let allowed = |c: char| c.is_ascii_alphanumeric() || c.is_ascii_whitespace() || ":_@$#=/+,.-".contains(c);
    let valid = |text: &str| text.chars().count() <= MAX_CHARS && text.chars().all(allowed);
    let refuse = |what: &str| Err(Error::invalid(format!("litellm.BadRequestError: requestMetadata {what}")));
    let Some(metadata) = metadata.as_object() else { return refuse("must be a dictionary") };
    if metadata.len() > MAX_ITEMS {
        return refuse("can contain a maximum of 16 items");
    }
    for (key, value) in metadata {
        let Some(value) = value.as_str() else { return refuse("values must be strings") };
        if key.is_empty() || !valid(key) || !valid(value) {
            return refuse("keys have 1 to 256 and values up to 256 characters of [a-zA-Z0-9\\s:_@$#=/+,.-]");
        }
    }
    Ok(())
}

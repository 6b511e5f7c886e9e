//! The body of a request.

use super::{
    bad_request,
    messages::{self, Conversation},
    model::Model,
    names::Names,
    params, response_format, thinking, tool_kinds, tools,
};
use crate::{error::Error, parameters::unsupported_error, wire::Target};
use serde_json::{Map, Value, json};

/// `OpenAI` takes no more stop sequences, and `LiteLLM` passes no more on.
const MAX_STOPS: usize = 4;

/// From a chat request to a Messages body. What the format does not know is passed on as it is.
pub fn body(mut chat: Map<String, Value>, target: &Target) -> Result<Value, Error> {
    let model = Model::of(target);
    params::admit(&mut chat, model)?;
    let mut take = |name: &str| chat.remove(name);
    let Some(Value::Array(turns)) = take("messages") else {
        return Err(bad_request("messages: must be a list"));
    };
    let mut body = Map::new();
    body.insert("model".into(), model.name().into());
    limits(&mut body, &mut take, model)?;
    let effort = take("reasoning_effort");
    let thought = take("thinking");
    let thinks = effort.is_some() || thought.as_ref().is_some_and(thinking::is_on);
    if let Some(format) = take("response_format") {
        response_format::apply(&mut body, format, thinks, model);
    }
    let (choice, parallel) = (take("tool_choice"), take("parallel_tool_calls"));
    tools::apply(&mut body, take("tools"), choice.as_ref(), parallel.as_ref(), model)?;
    thinking::apply(&mut body, effort.as_ref(), thought, take("output_config"), model)?;
    if let Some(options) = take("web_search_options") {
        tools::push(&mut body, tool_kinds::web_search(&options));
    }
    if let Some(user) = take("user").as_ref().and_then(user_id) {
        body.insert("metadata".into(), json!({ "user_id": user }));
    }
    if let Some(management) = take("context_management").and_then(context_management) {
        body.insert("context_management".into(), management);
    }
    if take("stream") == Some(Value::Bool(true)) {
        body.insert("stream".into(), true.into());
    }
    speed(&mut body, take("speed"), model)?;
    for (name, value) in chat {
        body.entry(name).or_insert(value);
    }
    converse(&mut body, turns, model)?;
    Ok(Value::Object(body))
}

/// The conversation, and the tools it makes necessary.
fn converse(body: &mut Map<String, Value>, turns: Vec<Value>, model: Model) -> Result<(), Error> {
    if !body.contains_key("tools")
        && turns.iter().any(|turn| turn.get("tool_calls").is_some_and(|c| !c.is_null()))
    {
        body.insert("tools".into(), json!([tool_kinds::dummy()]));
    }
    let names = Names::of_request(body);
    tools::rename(body, &names);
    let Conversation { system, messages, uploads } = messages::conversation(turns, &names, model)?;
    if !system.is_empty() {
        body.insert("system".into(), system.into());
    }
    body.insert("messages".into(), messages.into());
    if uploads {
        tools::add_code_execution(body);
    }
    Ok(())
}

/// `max_tokens`, stop sequences and sampling.
fn limits(
    body: &mut Map<String, Value>,
    take: &mut impl FnMut(&str) -> Option<Value>,
    model: Model,
) -> Result<(), Error> {
    let tokens = take("max_tokens");
    if let Some(tokens) = take("max_completion_tokens").or(tokens) {
        body.insert("max_tokens".into(), whole(tokens));
    }
    let stops: Vec<Value> = match take("stop") {
        Some(stop @ Value::String(_)) => vec![stop],
        Some(Value::Array(stops)) => stops.into_iter().take(MAX_STOPS).collect(),
        _ => Vec::new(),
    };
    // The API refuses stop sequences of white space only.
    let blank = |stop: &Value| stop.as_str().is_some_and(|text| text.trim().is_empty());
    let stops: Vec<Value> = stops.into_iter().filter(|stop| !(model.drops() && blank(stop))).collect();
    if !stops.is_empty() {
        body.insert("stop_sequences".into(), stops.into());
    }
    for name in ["temperature", "top_p", "top_k"] {
        let Some(value) = take(name) else { continue };
        if model.samples() || (name == "temperature" && value.as_f64() == Some(1.0)) {
            body.insert(name.into(), value);
        } else if !model.drops() {
            let hint = if name == "temperature" { "Only temperature=1 is supported. " } else { "" };
            return Err(unsupported_error(format_args!(
                "{} does not support {name}={value}. {hint}To drop unsupported params, set `litellm.drop_params = True`.",
                model.name()
            )));
        }
    }
    Ok(())
}

/// A number of tokens; a fraction is rounded, and never to nothing.
fn whole(tokens: Value) -> Value {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "clamped to a positive number"
    )]
    match tokens.as_f64() {
        Some(number) if tokens.is_f64() => (number.round().max(1.0) as u64).into(),
        _ => tokens,
    }
}

/// The only metadata the API takes is an opaque user id; it refuses mail addresses and phone numbers.
fn user_id(user: &Value) -> Option<&str> {
    user.as_str().filter(|id| !is_mail(id) && !is_phone(id))
}

fn is_mail(text: &str) -> bool {
    let Some((name, host)) = text.rsplit_once('@') else { return false };
    let Some((domain, top)) = host.rsplit_once('.') else { return false };
    let plain = |text: &str, extra: &str| {
        !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || extra.contains(c))
    };
    plain(name, "._%+-")
        && plain(domain, ".-")
        && top.len() >= 2
        && top.chars().all(|c| c.is_ascii_alphabetic())
}

fn is_phone(text: &str) -> bool {
    let digits = text.strip_prefix('+').unwrap_or(text);
    digits.chars().count() >= 7
        && digits.chars().all(|c| c.is_numeric() || c.is_whitespace() || "()-".contains(c))
}

/// `OpenAI`'s list of `compaction` entries, or the API's own `edits`.
pub fn context_management(value: Value) -> Option<Value> {
    let entries = match value {
        Value::Object(own) if own.contains_key("edits") => return Some(Value::Object(own)),
        Value::Array(entries) => entries,
        _ => return None,
    };
    let edits: Vec<Value> = entries.into_iter().filter_map(compaction).collect();
    (!edits.is_empty()).then(|| json!({ "edits": edits }))
}

fn compaction(entry: Value) -> Option<Value> {
    let Value::Object(mut entry) = entry else { return None };
    if entry.get("type")? != "compaction" {
        return None;
    }
    entry.insert("type".into(), "compact_20260112".into());
    if let Some(threshold) = entry.remove("compact_threshold").filter(Value::is_number) {
        entry.insert("trigger".into(), json!({ "type": "input_tokens", "value": threshold }));
    }
    Some(Value::Object(entry))
}

/// How fast the model answers, at what price.
fn speed(body: &mut Map<String, Value>, speed: Option<Value>, model: Model) -> Result<(), Error> {
    let Some(Value::String(speed)) = speed else { return Ok(()) };
    if model.has_speeds() {
        body.insert("speed".into(), speed.into());
    } else if !model.drops() {
        return Err(unsupported_error(format_args!(
            "{} does not support speed='{speed}'. To drop unsupported params, set `litellm.drop_params = True`.",
            model.name()
        )));
    }
    Ok(())
}

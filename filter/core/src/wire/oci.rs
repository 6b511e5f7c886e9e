//! Oracle's generative AI: a request names who pays and what serves it, and has one of two chat formats inside.
//! <https://docs.oracle.com/en-us/iaas/api/#/en/generative-ai-inference/20231130/ChatResult/Chat>

pub mod cohere;
pub mod embeddings;
pub mod generic;
mod messages;
mod parameters;
mod schema;
mod tools;

use super::Target;
use crate::{
    error::Error,
    parameters::{strings, text_or},
    providers::Facts,
};
use serde_json::{Map, Value, json};

/// The version of the API.
const VERSION: &str = "20231130";

/// Path below the base URL.
fn path(action: &str) -> String {
    format!("/{VERSION}/actions/{action}")
}

/// What goes around any request: who pays, and what serves it.
fn envelope(target: &Target) -> Result<Map<String, Value>, Error> {
    let (model, params) = (target.deployment.model.as_str(), &target.deployment.params);
    let Some(compartment) = strings(params.get("oci_compartment_id")).next() else {
        return Err(refused("oci_compartment_id is missing from the deployment"));
    };
    let serving = match text_or(params, "oci_serving_mode", "ON_DEMAND").to_ascii_uppercase().as_str() {
        "ON_DEMAND" => json!({ "servingType": "ON_DEMAND", "modelId": model }),
        "DEDICATED" => {
            json!({ "servingType": "DEDICATED", "endpointId": text_or(params, "oci_endpoint_id", model) })
        }
        _ => return Err(refused("kwarg `oci_serving_mode` must be either 'ON_DEMAND' or 'DEDICATED'")),
    };
    Ok(Map::from_iter([
        ("compartmentId".to_owned(), compartment.into()),
        ("servingMode".to_owned(), serving),
    ]))
}

/// A chat request in its envelope, beside what else the client or the deployment wants there.
fn chat(format: &str, request: Map<String, Value>, target: &Target) -> Result<Value, Error> {
    let mut body = envelope(target)?;
    let mut inner = Map::from_iter([("apiFormat".to_owned(), format.into())]);
    inner.extend(request);
    body.insert("chatRequest".into(), inner.into());
    let asked: Option<Map<String, Value>> =
        target.call.field("extra_body").and_then(|text| serde_json::from_str(text).ok());
    let extra = target.deployment.params.get("extra_body").and_then(Value::as_object);
    for (name, value) in asked.iter().chain(extra).flatten() {
        body.entry(name).or_insert_with(|| value.clone());
    }
    Ok(body.into())
}

/// The messages of a request, of which there must be some.
fn conversation(chat: &mut Map<String, Value>) -> Result<Vec<Value>, Error> {
    match chat.shift_remove("messages") {
        Some(Value::Array(messages)) if !messages.is_empty() => Ok(messages),
        _ => {
            Err(refused("kwarg `messages` must be an array of messages that follow the openai chat standard"))
        }
    }
}

/// What is inside a whole answer.
fn response(mut body: Value, facts: &Facts) -> Result<Value, Error> {
    match body.get_mut("chatResponse").map(Value::take) {
        Some(response) if response.is_object() => Ok(response),
        _ => Err(unanswered(facts, &body)),
    }
}

/// An answer without one: an error, if it says anything.
fn unanswered(facts: &Facts, body: &Value) -> Error {
    let says = |name: &&str| body.get(name).is_some_and(|said| !said.is_null());
    if ["code", "error", "message"].iter().any(says) {
        Error::inside(facts, body)
    } else {
        Error::unreadable(facts, body.to_string().as_bytes(), &"no chatResponse")
    }
}

/// Why an answer ended, in `OpenAI`'s words: the vendors' own, or Oracle's. One that failed is none.
fn finish_reason(native: &str, facts: &Facts) -> Result<&'static str, Error> {
    match native {
        "MAX_TOKENS" | "ERROR_LIMIT" | "length" => Ok("length"),
        "TOOL_CALL" | "TOOL_CALLS" | "tool_calls" => Ok("tool_calls"),
        "ERROR_TOXIC" | "CONTENT_FILTERED" | "content_filter" => Ok("content_filter"),
        "ERROR" => {
            let said = json!({ "message": "the generation failed (finishReason ERROR)" });
            Err(Error::upstream(facts, 500, said.to_string().as_bytes()))
        }
        _ => Ok("stop"),
    }
}

/// Tokens that were read and written, where an answer counts them.
fn usage(response: &Value) -> Option<Value> {
    let usage = response.get("usage")?;
    let count = |path: &str| usage.pointer(path).and_then(Value::as_u64);
    let (prompt, completion) = (count("/promptTokens")?, count("/completionTokens").unwrap_or(0));
    let total = count("/totalTokens").unwrap_or_else(|| prompt.saturating_add(completion));
    let mut out = json!({ "prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": total });
    for (path, place, name) in [
        ("/promptTokensDetails/cachedTokens", "prompt_tokens_details", "cached_tokens"),
        ("/completionTokensDetails/reasoningTokens", "completion_tokens_details", "reasoning_tokens"),
    ] {
        if let (Some(tokens), Value::Object(out)) = (count(path), &mut out) {
            out.insert(place.into(), json!({ name: tokens }));
        }
    }
    Some(out)
}

/// What the API does not take: 400.
fn refused(why: impl std::fmt::Display) -> Error {
    Error::invalid(format!("litellm.BadRequestError: OciException - {why}"))
}

#[cfg(test)]
mod tests;

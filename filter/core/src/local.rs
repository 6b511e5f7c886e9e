//! Answers made here rather than by a provider.

use crate::{
    call::Call,
    client,
    deployment::Deployment,
    error::Error,
    io::{Reply, ResponseHead},
    operation::{Api, Operation},
};
use serde_json::{Value, json};

/// A JSON reply.
pub fn json_reply(status: u16, body: &Value) -> Reply {
    Reply::json(status, body.to_string().into_bytes())
}

/// The path exists, the method does not.
pub fn method_not_allowed(operation: Operation) -> Reply {
    let mut reply = json_reply(405, &json!({ "detail": "Method Not Allowed" }));
    reply.headers.push("allow", operation.method());
    reply
}

/// The count of a prompt's tokens for an upstream that cannot count: an estimate.
pub fn count_tokens(call: &Call) -> Result<Reply, Error> {
    let count = match call.api() {
        Api::Gemini => client::gemini::total_tokens(&call.body)?,
        _ => client::anthropic::input_tokens(&call.body)?,
    };
    Ok(json_reply(200, &count))
}

/// What an answer of Envoy's own means to the client: no upstream could be reached, none answered in time, or the
/// request was larger than it may be. Statuses and types are `LiteLLM`'s.
pub fn error(head: &ResponseHead, text: &[u8], deployment: Option<&Deployment>) -> Error {
    let provider = deployment.map_or("the provider", |d| d.provider.as_str());
    match head.status {
        413 => Error::new(413, "invalid_request_error", "Request body is larger than the gateway accepts."),
        408 | 504 => Error::new(408, "invalid_request_error", format!("{provider}: the request timed out.")),
        429 => Error::new(429, "throttling_error", "The gateway is overloaded; try again shortly."),
        // The filter before the upstream had no credential to put in.
        401 if deployment.is_some() => {
            Error::new(500, "internal_server_error", format!("{provider}: no credential is configured."))
        }
        status @ 400..=499 => Error::new(status, "invalid_request_error", String::from_utf8_lossy(text)),
        _ => Error::new(500, "internal_server_error", format!("{provider}: connection error.")),
    }
}

//! Errors of Google's APIs, in `LiteLLM`'s classes. <https://cloud.google.com/apis/design/errors>

use crate::{error::Error, providers::Facts};
use serde_json::Value;

/// From an answer with an error status. A streaming method wraps its error in a list.
pub fn of_status(facts: &Facts, status: u16, body: &[u8]) -> Error {
    let parsed: Option<Value> = serde_json::from_slice(body).ok();
    let object = parsed.as_ref().map(|body| body.get(0).unwrap_or(body));
    match object.and_then(|body| body.get("error")).filter(|error| error.is_object()) {
        Some(error) => told(facts, status, error),
        // A proxy's answer, not the API's.
        None if status == 502 => Error { status: 500, ..Error::upstream(facts, status, body) },
        None => Error::upstream(facts, status, body),
    }
}

/// From the error object of an event, or of an answer that claims success.
pub fn of_object(facts: &Facts, error: &Value) -> Error {
    let code = error.get("code").and_then(|code| code.as_u64().or_else(|| code.as_str()?.parse().ok()));
    let status = code.and_then(|code| u16::try_from(code).ok()).filter(|code| (400..600).contains(code));
    told(facts, status.unwrap_or(500), error)
}

/// How it says that a prompt is too long.
const TOO_LONG: &[&str] =
    &["exceeds the maximum number of tokens allowed", "Request payload size exceeds", "prompt is too long"];

/// How it says that it does not like what an answer says.
const BLOCKED: &[&str] = &["The response was blocked.", "Output blocked by content filtering policy"];

fn told(facts: &Facts, status: u16, error: &Value) -> Error {
    let message = match error.get("message").and_then(Value::as_str) {
        Some(message) => message.to_owned(),
        None => error.to_string(),
    };
    let code = error.get("code").and_then(Value::as_u64);
    let bad = "invalid_request_error";
    let internal = "internal_server_error";
    let says = |phrases: &[&str]| phrases.iter().any(|phrase| message.contains(phrase));
    let (status, class, kind) = match status {
        _ if says(TOO_LONG) => (400, "ContextWindowExceededError", bad),
        _ if says(&["API key not valid."]) => (401, "AuthenticationError", "authentication_error"),
        _ if says(BLOCKED) => (400, "ContentPolicyViolationError", bad),
        _ if says(&["Quota exceeded for", "Resource exhausted"]) => {
            (429, "RateLimitError", "throttling_error")
        }
        500..=599 if code == Some(429) => (429, "RateLimitError", "throttling_error"),
        _ if says(&["The model is overloaded."]) => (500, "InternalServerError", internal),
        401 => (401, "AuthenticationError", "authentication_error"),
        403 => (403, "PermissionDeniedError", "permission_error"),
        404 => (404, "NotFoundError", bad),
        408 => (408, "Timeout", bad),
        429 => (429, "RateLimitError", "throttling_error"),
        400..=499 => (status, "BadRequestError", bad),
        502 => (500, "APIConnectionError", internal),
        503 => (503, "ServiceUnavailableError", internal),
        504 => (504, "Timeout", internal),
        505.. => (status, "APIError", internal),
        _ => (500, "InternalServerError", internal),
    };
    let word =
        error.get("status").and_then(Value::as_str).map(|word| format!("{word} - ")).unwrap_or_default();
    Error::new(status, kind, format!("litellm.{class}: {}Exception - {word}{message}", facts.name))
}

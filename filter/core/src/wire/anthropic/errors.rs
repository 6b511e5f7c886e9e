//! Errors of the API, in `LiteLLM`'s classes. <https://docs.anthropic.com/en/api/errors>

use crate::{error::Error, providers::Facts};
use serde_json::Value;

/// From an answer with an error status. One that is not in the API's form is told as any provider's.
pub fn of_status(facts: &Facts, status: u16, body: &[u8]) -> Error {
    let body: Value = serde_json::from_slice(body).unwrap_or_else(|_| String::from_utf8_lossy(body).into());
    match body.get("error").filter(|error| error.is_object()) {
        Some(error) => told(facts, "Exception", status, error),
        None => {
            Error::upstream(facts, status, body.as_str().map_or(body.to_string(), str::to_owned).as_bytes())
        }
    }
}

/// From the error object of an event, or of an answer that claims success.
pub fn of_object(facts: &Facts, error: &Value) -> Error {
    let status = match error.get("type").and_then(Value::as_str).unwrap_or_default() {
        "invalid_request_error" => 400,
        "authentication_error" => 401,
        "permission_error" => 403,
        "not_found_error" => 404,
        "timeout_error" => 408,
        "request_too_large" => 413,
        "rate_limit_error" => 429,
        _ => 500,
    };
    told(facts, "Error", status, error)
}

/// `LiteLLM` words them `AnthropicException - …`, and in streams `AnthropicError - …`.
fn told(facts: &Facts, word: &str, status: u16, error: &Value) -> Error {
    let message = match error.get("message").and_then(Value::as_str) {
        Some(message) => message.to_owned(),
        None => error.to_string(),
    };
    let bad = "invalid_request_error";
    let (status, class, kind) = match status {
        _ if message.contains("prompt is too long") => (400, "ContextWindowExceededError", bad),
        _ if message.contains("content filtering policy") => (400, "ContentPolicyViolationError", bad),
        // A body too large is a bad request like any other.
        400 | 413 => (400, "BadRequestError", bad),
        401 => (401, "AuthenticationError", "authentication_error"),
        403 => (403, "PermissionDeniedError", "permission_error"),
        404 => (404, "NotFoundError", bad),
        408 => (408, "Timeout", bad),
        429 => (429, "RateLimitError", "throttling_error"),
        402..=499 => (status, "BadRequestError", bad),
        502 => (502, "BadGatewayError", "internal_server_error"),
        503 => (503, "ServiceUnavailableError", "internal_server_error"),
        504 => (504, "Timeout", "internal_server_error"),
        // 529, the API's own "overloaded", means nothing to clients of other APIs.
        _ => (500, "InternalServerError", "internal_server_error"),
    };
    Error::new(status, kind, format!("litellm.{class}: {}{word} - {message}", facts.name))
}

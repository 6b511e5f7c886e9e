//! What a provider's own errors become: `LiteLLM`'s classes, statuses and types, around the provider's words.

use super::Error;
use crate::providers::Facts;
use serde_json::Value;

/// The most of a provider's non-JSON answer that is repeated to the client, in bytes.
const QUOTE: usize = 500;

/// `LiteLLM`'s exception classes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    Api,
    Authentication,
    BadGateway,
    BadRequest,
    ContentPolicy,
    ContextWindow,
    InternalServer,
    NotFound,
    RateLimit,
    ServiceUnavailable,
    Timeout,
}

impl Error {
    /// From an answer with an error status.
    pub fn upstream(facts: &Facts, status: u16, body: &[u8]) -> Self {
        match serde_json::from_slice::<Value>(body) {
            Ok(value) if value.is_object() => from_value(facts, status, &value),
            _ => quoting(facts, status, body),
        }
    }

    /// From an error object found inside an answer, or an event, that claimed success.
    pub fn inside(facts: &Facts, body: &Value) -> Self {
        let code = error_object(body).get("code").or_else(|| body.get("status"));
        let code = code.and_then(|code| code.as_u64().or_else(|| code.as_str()?.parse().ok()));
        let status = code.and_then(|code| u16::try_from(code).ok()).filter(|code| (400..600).contains(code));
        from_value(facts, status.unwrap_or(500), body)
    }

    /// A successful answer that is not what the wire format says it should be.
    pub fn unreadable(facts: &Facts, body: &[u8], why: &dyn std::fmt::Display) -> Self {
        let name = facts.name;
        let quote = quote(body);
        let what = if quote.is_empty() { "an empty answer".to_owned() } else { format!("{why}: {quote}") };
        Self::new(
            500,
            "internal_server_error",
            format!("litellm.InternalServerError: {name}Exception - {what}"),
        )
    }

    /// A stream that stopped before the answer was complete.
    pub fn truncated(facts: &Facts) -> Self {
        let name = facts.name;
        Self::new(
            502,
            "internal_server_error",
            format!("litellm.APIConnectionError: {name}Exception - the stream ended before the answer did"),
        )
    }
}

/// `{"error": {…}}`, or what some servers put in its place.
fn error_object(body: &Value) -> &Value {
    body.get("error").filter(|error| error.is_object()).unwrap_or(body)
}

fn from_value(facts: &Facts, status: u16, body: &Value) -> Error {
    let error = error_object(body);
    let text = |name: &str| error.get(name).and_then(Value::as_str);
    let code = text("code").unwrap_or_default();
    let message =
        text("message").or_else(|| body.get("error")?.as_str()).or_else(|| body.get("detail")?.as_str());
    let message = message.map_or_else(|| format!("Error code: {status} - {body}"), str::to_owned);
    let class = class(status, code, &message);
    let mut out = dressed(facts, status, class, &message);
    if class == Class::BadRequest {
        if let Some(kind) = text("type") {
            kind.clone_into(&mut out.kind);
        }
        out.param = text("param").map(str::to_owned);
    }
    out
}

fn quoting(facts: &Facts, status: u16, body: &[u8]) -> Error {
    let quote = quote(body);
    let message = if quote.is_empty() { "an empty answer" } else { &quote };
    dressed(facts, status, class(status, "", message), message)
}

fn quote(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(body.get(..QUOTE).unwrap_or(body));
    text.trim().to_owned()
}

fn dressed(facts: &Facts, status: u16, class: Class, message: &str) -> Error {
    let name = facts.name;
    let kind = match class {
        Class::Authentication => "authentication_error",
        Class::RateLimit => "throttling_error",
        _ if status == 403 => "permission_error",
        _ if status >= 500 => "internal_server_error",
        _ => "invalid_request_error",
    };
    Error::new(status, kind, format!("litellm.{}: {name}Exception - {message}", class.name()))
}

/// How servers say that a prompt is too long, in lower case.
const TOO_LONG: &[&str] = &[
    "exceed context limit",
    "exceeds the available context size",
    "exceeds the context",
    "exceeds the maximum number of tokens allowed",
    "input is too long",
    "input tokens exceed the configured limit",
    "longer than the model's context length",
    "maximum context length",
    "model's maximum context limit",
    "prompt is too long",
];

/// How they say that they do not like what it says.
const REJECTED: &[&str] =
    &["content_policy_violation", "as a result of our safety system", "of the safety system"];

fn class(status: u16, code: &str, message: &str) -> Class {
    let says = |phrases: &[&str]| {
        let message = message.to_lowercase();
        phrases.iter().any(|phrase| message.contains(phrase))
    };
    match status {
        400 | 413 | 422 if code == "context_length_exceeded" || says(TOO_LONG) => Class::ContextWindow,
        400 if code == "content_policy_violation" || says(REJECTED) => Class::ContentPolicy,
        401 => Class::Authentication,
        403 | 409 | 505.. => Class::Api,
        404 => Class::NotFound,
        408 | 504 => Class::Timeout,
        429 => Class::RateLimit,
        500 => Class::InternalServer,
        502 => Class::BadGateway,
        503 => Class::ServiceUnavailable,
        _ => Class::BadRequest,
    }
}

impl Class {
    fn name(self) -> &'static str {
        match self {
            Self::Api => "APIError",
            Self::Authentication => "AuthenticationError",
            Self::BadGateway => "BadGatewayError",
            Self::BadRequest => "BadRequestError",
            Self::ContentPolicy => "ContentPolicyViolationError",
            Self::ContextWindow => "ContextWindowExceededError",
            Self::InternalServer => "InternalServerError",
            Self::NotFound => "NotFoundError",
            Self::RateLimit => "RateLimitError",
            Self::ServiceUnavailable => "ServiceUnavailableError",
            Self::Timeout => "Timeout",
        }
    }
}

//! What went wrong with an exchange, in the shape the client's own API gives its errors.

mod upstream;

use crate::operation::Api;
use serde_json::{Value, json};

/// An error on its way to the client.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("{message}")]
pub struct Error {
    /// HTTP status.
    pub status: u16,
    /// OpenAI's `error.type`, with LiteLLM's names where it has its own.
    pub kind: String,
    /// For people. Never contains a secret.
    pub message: String,
    /// The parameter at fault.
    pub param: Option<String>,
    /// OpenAI's `error.code`; the status as a string when absent.
    pub code: Option<String>,
    /// Seconds, as the provider or a limit gave them.
    pub retry_after: Option<String>,
}

impl Error {
    /// An error with the status and type given.
    pub fn new(status: u16, kind: &str, message: impl Into<String>) -> Self {
        Self {
            status,
            kind: kind.into(),
            message: message.into(),
            param: None,
            code: None,
            retry_after: None,
        }
    }

    /// The client's request cannot be served as it is: 400.
    pub fn invalid(message: impl Into<String>) -> Self {
        Self::new(400, "invalid_request_error", message)
    }

    /// The caller is not known: 401.
    pub fn unauthenticated(message: impl Into<String>) -> Self {
        Self { param: Some("None".into()), ..Self::new(401, "auth_error", message) }
    }

    /// The body in the dialect of `api`.
    pub fn body(&self, api: Api) -> Vec<u8> {
        self.value(api).to_string().into_bytes()
    }

    /// The event that ends a broken stream in the dialect of `api`.
    pub fn event(&self, api: Api) -> Vec<u8> {
        let data = self.value(api);
        match api {
            Api::OpenAi | Api::Gemini => format!("data: {data}\n\n").into_bytes(),
            Api::Responses => format!("event: error\ndata: {}\n\n", self.responses_event(data)).into_bytes(),
            Api::Anthropic => format!("event: error\ndata: {data}\n\n").into_bytes(),
        }
    }

    fn code(&self) -> String {
        self.code.clone().unwrap_or_else(|| self.status.to_string())
    }

    /// The documented event says everything at its first level; `OpenAI`'s own clients look for an `error` in it.
    /// <https://platform.openai.com/docs/api-reference/responses-streaming/error>
    fn responses_event(&self, mut data: Value) -> Value {
        if let Some(data) = data.as_object_mut() {
            let fields = [
                ("type", "error".into()),
                ("code", self.code().into()),
                ("message", self.message.as_str().into()),
                ("param", self.param.clone().into()),
            ];
            data.extend(fields.map(|(name, value): (&str, Value)| (name.to_owned(), value)));
        }
        data
    }

    fn value(&self, api: Api) -> Value {
        match api {
            Api::OpenAi | Api::Responses => json!({ "error": {
                "message": self.message,
                "type": self.kind,
                "param": self.param,
                "code": self.code(),
            }}),
            Api::Gemini => json!({ "error": {
                "code": self.status,
                "message": self.message,
                "status": google_status(self.status),
            }}),
            Api::Anthropic => {
                json!({ "type": "error", "error": { "type": anthropic_kind(self.status), "message": self.message }})
            }
        }
    }
}

/// <https://cloud.google.com/apis/design/errors#handling_errors>
fn google_status(status: u16) -> &'static str {
    match status {
        401 => "UNAUTHENTICATED",
        403 => "PERMISSION_DENIED",
        404 => "NOT_FOUND",
        409 => "ABORTED",
        429 => "RESOURCE_EXHAUSTED",
        499 => "CANCELLED",
        400..=499 if status != 408 => "INVALID_ARGUMENT",
        501 => "UNIMPLEMENTED",
        503 => "UNAVAILABLE",
        408 | 504 => "DEADLINE_EXCEEDED",
        _ => "INTERNAL",
    }
}

/// <https://docs.anthropic.com/en/api/errors>
fn anthropic_kind(status: u16) -> &'static str {
    match status {
        401 => "authentication_error",
        403 => "permission_error",
        404 => "not_found_error",
        413 => "request_too_large",
        429 => "rate_limit_error",
        503 | 529 => "overloaded_error",
        400..=499 => "invalid_request_error",
        _ => "api_error",
    }
}

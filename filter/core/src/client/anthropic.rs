//! Anthropic's Messages API as clients speak it. <https://docs.anthropic.com/en/api/messages>
//!
//! Two ways through the gateway: to any chat upstream by translation (`request`, then `answer` or `Encoder`), and to
//! an upstream that speaks Messages itself, where everything passes as it is (`native`, `Relay`).

mod answer;
mod content;
mod count;
mod encoder;
mod events;
mod fields;
mod messages;
mod names;
pub mod native;
mod relay;
mod request;
mod tools;
mod usage;

#[cfg(test)]
mod tests;

pub use answer::answer;
pub use count::input_tokens;
pub use encoder::Encoder;
pub use names::Names;
pub use relay::Relay;
pub use request::request;

use crate::error::Error;
use serde_json::Value;

/// A refusal of the client's own request, naming the field as Anthropic does (`messages.0.content.1: …`).
fn refused(path: impl Into<String>, what: &str) -> Error {
    let path = path.into();
    Error { param: Some(path.clone()), ..Error::invalid(format!("{path}: {what}")) }
}

/// A JSON object of the fields given; unlike `json!` it moves the values in.
fn object<const N: usize>(fields: [(&str, Value); N]) -> Value {
    Value::Object(fields.map(|(name, value)| (name.to_owned(), value)).into_iter().collect())
}

//! Google's `generateContent` API as clients speak it. <https://ai.google.dev/api/generate-content>
//!
//! Two ways through the gateway: to any chat upstream by translation ([`This`]), and to an upstream that speaks it itself,
//! where everything passes as it is ([`Native`]). Field names may be written in either case, as with Google.

mod answer;
mod config;
mod contents;
mod count;
mod encoder;
mod framing;
mod native;
mod parts;
mod relay;
mod request;
mod schema;
mod thoughts;
mod tools;
mod usage;

#[cfg(test)]
mod tests;

pub use framing::last_words;
pub use native::Native;

use super::{Dialect, Encoder};
use crate::{error::Error, wire::Target};
use serde_json::{Map, Value};

/// The dialect.
pub struct This;

impl Dialect for This {
    fn request(&self, target: &Target) -> Result<Map<String, Value>, Error> {
        request::chat(tree(&target.call.body)?, target)
    }

    fn answer(&self, chat: Value, _target: &Target) -> Result<Value, Error> {
        Ok(answer::response(chat))
    }

    fn encoder(&self, target: &Target) -> Box<dyn Encoder> {
        Box::new(encoder::Events::new(target))
    }
}

/// `{"totalTokens": n}` for the body of a request, for upstreams that cannot be asked: an estimate.
pub fn total_tokens(body: &[u8]) -> Result<Value, Error> {
    Ok(count::total_tokens(&tree(body)?))
}

fn tree(body: &[u8]) -> Result<Map<String, Value>, Error> {
    serde_json::from_slice(body).map_err(|e| Error::invalid(format!("Invalid JSON payload: {e}")))
}

/// A refusal of the client's own request, naming the field as Google does (`contents[0].parts[1]`).
fn refused(path: impl Into<String>, what: &str) -> Error {
    let path = path.into();
    Error { param: Some(path.clone()), ..Error::invalid(format!("{path}: {what}")) }
}

/// A JSON object of the fields given; unlike `json!` it moves the values in.
fn object<const N: usize>(fields: [(&str, Value); N]) -> Value {
    Value::Object(fields.map(|(name, value)| (name.to_owned(), value)).into_iter().collect())
}

/// A text member of an object; empty where there is none.
fn text<'a>(of: &'a Value, name: &str) -> &'a str {
    of.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// Takes a member by its name, in either case; `None` where there is none.
fn take(of: &mut Map<String, Value>, name: &str) -> Option<Value> {
    of.shift_remove(name).or_else(|| of.shift_remove(&snake(name))).filter(|value| !value.is_null())
}

/// `inline_data` for `inlineData`.
fn snake(name: &str) -> String {
    let mut out = String::with_capacity(name.len() + 4);
    for letter in name.chars() {
        if letter.is_ascii_uppercase() {
            out.push('_');
        }
        out.push(letter.to_ascii_lowercase());
    }
    out
}

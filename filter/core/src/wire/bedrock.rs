//! What Bedrock's formats have in common: names of models, errors.

pub mod anthropic;
mod chunks;
pub mod embeddings;
mod errors;
pub mod images;
mod messages;
mod name;
pub mod nova;
pub mod openai;
pub mod rerank;
pub mod text;

pub use errors::{in_stream, of_status};
pub use messages::Messages;
pub use name::Name;

use super::Target;
use crate::parameters::strings;
use serde::Deserialize;
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::fmt::Write as _;

/// The path of `InvokeModel`, for the deployment's `model_id` or the model itself.
fn invoke_path(target: &Target, streams: bool) -> String {
    let given = target.deployment.params.get("model_id").and_then(Value::as_str);
    let id = given.unwrap_or_else(|| Name::of(&target.deployment.model).id());
    let action = if streams { "invoke-with-response-stream" } else { "invoke" };
    format!("/model/{}/{action}", segment(id, b":"))
}

/// An id for an answer, where the API gives none. Another for every request and second.
pub fn answer_id(target: &Target) -> String {
    let mut hash = Sha256::new();
    hash.update(target.now.to_be_bytes());
    hash.update(&target.call.body);
    format!("chatcmpl-{}", hex(&hash.finalize(), 12))
}

/// The first `count` bytes of a hash.
pub fn hex(hash: &[u8], count: usize) -> String {
    hash.iter().take(count).fold(String::new(), |mut hex, byte| {
        // Writing to a string cannot fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

/// A path segment: everything but letters, digits, `-._~` and what is in `also` is encoded.
pub fn segment(text: &str, also: &[u8]) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) || also.contains(&byte) {
            out.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

/// The `anthropic-beta` features that the client or the deployment asks for by name: here they are in the body. What a
/// client of Anthropic's API asks for in its head may be meant for another upstream; that has to be known here.
pub fn asked_betas(target: &Target) -> Vec<String> {
    let params = &target.deployment.params;
    let client = client_headers(&target.call.body);
    let sets = [params.get("headers"), params.get("extra_headers"), client.as_ref()];
    let headers = sets.into_iter().flatten().filter_map(Value::as_object).flatten();
    let named = headers.filter(|(name, _)| name.eq_ignore_ascii_case("anthropic-beta"));
    let named =
        named.flat_map(|(_, value)| strings(Some(value))).flat_map(|list| list.split(',')).map(str::trim);
    let known = target.call.betas.split(',').filter_map(|beta| anthropic::feature(beta.trim()));
    let mut betas: Vec<String> = Vec::new();
    for beta in named.chain(known).filter(|beta| !beta.is_empty()) {
        if !betas.iter().any(|known| known == beta) {
            betas.push(beta.to_owned());
        }
    }
    betas
}

/// A body's own `extra_headers`. Most have none and are not parsed again.
fn client_headers(body: &[u8]) -> Option<Value> {
    #[derive(Deserialize)]
    struct Fields {
        extra_headers: Value,
    }
    memchr::memmem::find(body, b"\"extra_headers\"")?;
    serde_json::from_slice::<Fields>(body).ok().map(|fields| fields.extra_headers)
}

#[cfg(test)]
mod tests;

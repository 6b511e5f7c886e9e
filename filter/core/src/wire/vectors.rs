//! What formats for embeddings have in common. <https://platform.openai.com/docs/api-reference/embeddings>

use super::{Decoder, Target};
use crate::{error::Error, parameters, providers::Facts, sse, usage::estimate};
use serde_json::{Map, Value, json};

/// Refuses (or drops) what vendors that only have numbers and their number take no part in: `user`, base64.
pub fn admit(asked: &mut Map<String, Value>, target: &Target) -> Result<(), Error> {
    if asked.get("encoding_format").is_some_and(|format| format == "float") {
        asked.shift_remove("encoding_format");
    }
    parameters::check_embeddings(asked, target.deployment, &["dimensions"])
}

/// The inputs of a request, taken out of it: each of a list, or the one text.
pub fn inputs(asked: &mut Map<String, Value>) -> Vec<Value> {
    match asked.shift_remove("input") {
        Some(Value::Array(inputs)) => inputs,
        Some(input) => vec![input],
        None => Vec::new(),
    }
}

/// The tokens of a request's inputs, as far as their length tells.
pub fn guess(target: &Target) -> u64 {
    let mut asked = serde_json::from_slice(&target.call.body).unwrap_or_default();
    inputs(&mut asked).iter().map(tokens).sum()
}

fn tokens(input: &Value) -> u64 {
    match input {
        Value::String(text) => estimate(text.len()),
        Value::Array(list) => list.iter().map(tokens).sum(),
        Value::Number(_) => 1,
        _ => 0,
    }
}

/// An answer in `OpenAI`'s form.
pub fn list(vectors: impl Iterator<Item = Value>, model: &str, usage: &Value) -> Value {
    let data = vectors
        .enumerate()
        .map(|(at, vector)| json!({ "object": "embedding", "index": at, "embedding": vector }));
    json!({ "object": "list", "data": data.collect::<Vec<Value>>(), "model": model, "usage": usage })
}

/// The usage of an answer: embeddings have a prompt only.
pub fn usage(prompt: u64) -> Value {
    json!({ "prompt_tokens": prompt, "completion_tokens": 0, "total_tokens": prompt })
}

/// Vectors are not streamed.
pub struct Nothing(pub &'static Facts);

impl Decoder for Nothing {
    fn push(&mut self, _event: &sse::Event, _out: &mut Vec<Value>) -> Result<(), Error> {
        Ok(())
    }

    fn end(&mut self, _out: &mut Vec<Value>) -> Result<(), Error> {
        Err(Error::truncated(self.0))
    }
}

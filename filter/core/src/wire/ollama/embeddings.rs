//! Vectors of texts. <https://docs.ollama.com/api/embed>

use super::{bad_request, list};
use crate::{
    error::Error,
    usage::Usage,
    wire::{Target, json::spaced, vectors},
};
use serde_json::{Map, Value, json};

/// The fields of the API; what else a request has is an option of the model.
const FIELDS: [&str; 5] = ["dimensions", "keep_alive", "model", "options", "truncate"];

/// From an embeddings request.
pub fn body(mut asked: Map<String, Value>, target: &Target) -> Result<Value, Error> {
    target.provider().fit_embeddings(&mut asked, target.deployment)?;
    let inputs = vectors::inputs(&mut asked);
    if inputs.iter().any(|input| !input.is_string()) {
        let inputs = spaced(&inputs.into());
        return Err(bad_request(format_args!("Invalid input for ollama embeddings. input={inputs}")));
    }
    let (mut body, options): (Map<String, Value>, Map<String, Value>) =
        asked.into_iter().partition(|(name, _)| FIELDS.contains(&name.as_str()));
    if !options.is_empty()
        && let Some(own) = body.entry("options").or_insert_with(|| json!({})).as_object_mut()
    {
        own.extend(options);
    }
    body.insert("input".into(), inputs.into());
    Ok(body.into())
}

/// From a whole answer.
pub fn answer(body: &Value, target: &Target) -> Result<Value, Error> {
    let facts = target.provider().facts();
    if body.get("error").is_some_and(|error| !error.is_null()) {
        return Err(Error::inside(facts, body));
    }
    if body.get("embeddings").is_none() {
        return Err(Error::unreadable(facts, body.to_string().as_bytes(), &"no embeddings"));
    }
    let counted = body.get("prompt_eval_count").and_then(Value::as_u64);
    let prompt = counted.unwrap_or_else(|| Usage::guess(target, 0).prompt);
    let values = list(body.get("embeddings")).iter().cloned();
    Ok(vectors::list(values, &target.deployment.model, &vectors::usage(prompt)))
}

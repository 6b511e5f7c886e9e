//! Vectors of texts and images. <https://docs.cohere.com/v2/reference/embed>

use crate::{
    error::Error,
    usage::Usage,
    wire::{Target, vectors},
};
use serde_json::{Map, Value, json};

/// From an embeddings request: images where they are `data:` URLs, else texts.
pub fn body(mut asked: Map<String, Value>, target: &Target) -> Result<Value, Error> {
    target.provider().fit_embeddings(&mut asked, target.deployment)?;
    let inputs = vectors::inputs(&mut asked);
    if let Some(input) = inputs.iter().find(|input| !input.is_string()) {
        return Err(Error::invalid(format!(
            "litellm.BadRequestError: input: must be a text or a list of texts, not {input}"
        )));
    }
    let is_image = |input: &Value| input.as_str().is_some_and(|text| text.starts_with("data:image/"));
    let images = inputs.first().is_some_and(is_image);
    asked.insert(if images { "images" } else { "texts" }.into(), inputs.into());
    if images {
        asked.insert("input_type".into(), "image".into());
    } else {
        asked.entry("input_type").or_insert_with(|| "search_document".into());
    }
    if let Some(dimensions) = asked.shift_remove("dimensions") {
        asked.insert("output_dimension".into(), dimensions);
    }
    if let Some(encoding) = asked.shift_remove("encoding_format") {
        asked.insert("embedding_types".into(), json!([encoding]));
    }
    Ok(asked.into())
}

/// From a whole answer: the vectors, in the one form that was asked for.
pub fn answer(body: &Value, target: &Target) -> Result<Value, Error> {
    let vectors = match body.get("embeddings") {
        Some(Value::Array(vectors)) => Some(vectors),
        Some(Value::Object(forms)) => forms.values().find_map(Value::as_array),
        _ => None,
    };
    let Some(vectors) = vectors else {
        let facts = target.provider().facts();
        return Err(Error::unreadable(facts, body.to_string().as_bytes(), &"no embeddings"));
    };
    Ok(vectors::list(vectors.iter().cloned(), &target.deployment.model, &usage(body, target)))
}

/// What is billed for, texts and images apart.
fn usage(body: &Value, target: &Target) -> Value {
    let billed = |name: &str| body.pointer("/meta/billed_units")?.get(name)?.as_u64();
    let (texts, images) = (billed("input_tokens"), billed("images"));
    if texts.or(images).is_none() {
        return vectors::usage(Usage::guess(target, 0).prompt);
    }
    let mut usage = vectors::usage(texts.unwrap_or(0).saturating_add(images.unwrap_or(0)));
    if let Some(usage) = usage.as_object_mut() {
        let details = json!({ "text_tokens": texts, "image_tokens": images });
        usage.insert("prompt_tokens_details".into(), details);
    }
    usage
}

//! `batchEmbedContents`. <https://ai.google.dev/api/embeddings>

use super::{bad_request, errors, list, media};
use crate::{
    error::Error,
    usage::Usage,
    wire::{Target, vectors},
};
use serde_json::{Map, Value, json};

/// From an embeddings request: one request of the API's for each input.
pub fn body(mut asked: Map<String, Value>, target: &Target) -> Result<Value, Error> {
    vectors::admit(&mut asked, target)?;
    let mut settings = Map::new();
    settings.insert("model".into(), format!("models/{}", target.deployment.model).into());
    let mut set = |names: &[&str], own: &str| {
        let value = names.iter().find_map(|name| asked.shift_remove(*name));
        settings.extend(value.map(|value| (own.to_owned(), value)));
    };
    set(&["dimensions", "outputDimensionality", "output_dimensionality"], "outputDimensionality");
    set(&["task_type", "taskType", "input_type"], "taskType");
    set(&["title"], "title");
    let inputs = vectors::inputs(&mut asked);
    let requests = inputs.iter().map(|input| {
        let mut request = settings.clone();
        request.insert("content".into(), json!({ "parts": [part(input)?] }));
        Ok(Value::Object(request))
    });
    Ok(json!({ "requests": requests.collect::<Result<Vec<Value>, Error>>()? }))
}

/// A text, or an image as a `data:` URL.
fn part(input: &Value) -> Result<Value, Error> {
    let Some(text) = input.as_str() else {
        return Err(bad_request(format_args!("input: must be a text or a list of texts, not {input}")));
    };
    Ok(match media::inline(text) {
        Some((kind, data)) => json!({ "inline_data": { "mime_type": kind, "data": data } }),
        None => json!({ "text": text }),
    })
}

/// From a whole answer.
pub fn answer(body: &Value, target: &Target) -> Result<Value, Error> {
    let facts = target.provider().facts();
    if let Some(error) = body.get("error") {
        return Err(errors::of_object(facts, error));
    }
    if body.get("embeddings").is_none() {
        return Err(Error::unreadable(facts, body.to_string().as_bytes(), &"no embeddings"));
    }
    let reported = body.pointer("/usageMetadata/promptTokenCount").and_then(Value::as_u64);
    let prompt = reported.unwrap_or_else(|| Usage::guess(target, 0).prompt);
    let values =
        list(body.get("embeddings")).iter().map(|one| one.get("values").cloned().unwrap_or_default());
    Ok(vectors::list(values, &target.deployment.model, &vectors::usage(prompt)))
}

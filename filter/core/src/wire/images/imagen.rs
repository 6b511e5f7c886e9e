//! Imagen, by `predict`. <https://cloud.google.com/vertex-ai/generative-ai/docs/model-reference/imagen-api>,
//! <https://ai.google.dev/gemini-api/docs/imagen>

use super::{dimensions, drawn, nothing_drawn, prompt, ratio};
use crate::{
    error::Error,
    operation::Operation,
    providers::Facts,
    wire::{Decoder, Target, Wire, gemini, vectors},
};
use serde_json::{Map, Value, json};

/// The format.
#[derive(Debug, Clone, Copy)]
pub struct This;

impl Wire for This {
    fn path(&self, target: &Target) -> String {
        let own = target.provider().path(target);
        own.unwrap_or_else(|| format!("/models/{}:predict", target.deployment.model))
    }

    fn supports(&self, operation: Operation) -> bool {
        operation == Operation::Images
    }

    fn request(&self, mut asked: Map<String, Value>, target: &Target) -> Result<Value, Error> {
        asked.shift_remove("model");
        let prompt = prompt(&mut asked);
        if let Some(count) = asked.get("n").cloned() {
            asked.entry("sampleCount").or_insert(count);
        }
        if let Some(size) = dimensions(asked.get("size"))? {
            asked.entry("aspectRatio").or_insert_with(|| ratio::of(size).into());
            asked.entry("imageSize").or_insert_with(|| ratio::resolution(size).into());
        }
        target.provider().fit_images(&mut asked, target)?;
        asked.retain(|name, _| !super::PARAMETERS.contains(&name.as_str()));
        Ok(json!({ "instances": [{ "prompt": prompt }], "parameters": asked }))
    }

    /// What its filters have kept back is missing from the answer, down to nothing.
    fn answer(&self, body: Value, target: &Target) -> Result<Value, Error> {
        let predictions = body.get("predictions").and_then(Value::as_array);
        if predictions.is_none() && body.as_object().is_none_or(|body| !body.is_empty()) {
            return Err(nothing_drawn(&body, target));
        }
        let images = predictions.into_iter().flatten();
        Ok(drawn(images.filter_map(|one| one.get("bytesBase64Encoded")?.as_str()), None, target))
    }

    fn error(&self, facts: &Facts, status: u16, body: &[u8]) -> Error {
        gemini::error(facts, status, body)
    }

    fn decoder(&self, target: &Target) -> Box<dyn Decoder> {
        Box::new(vectors::Nothing(target.provider().facts()))
    }
}

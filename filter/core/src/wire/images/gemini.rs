//! Gemini's models that draw, by `generateContent`. <https://ai.google.dev/gemini-api/docs/image-generation>

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
        own.unwrap_or_else(|| format!("/models/{}:generateContent", target.deployment.model))
    }

    fn supports(&self, operation: Operation) -> bool {
        operation == Operation::Images
    }

    fn request(&self, mut asked: Map<String, Value>, target: &Target) -> Result<Value, Error> {
        let prompt = prompt(&mut asked);
        target.provider().fit_images(&mut asked, target)?;
        let mut config = Map::new();
        config.insert("response_modalities".into(), json!(["IMAGE", "TEXT"]));
        let image = image_config(&mut asked, target)?;
        if !image.is_empty() {
            config.insert("imageConfig".into(), image.into());
        }
        let count = ["candidateCount", "candidate_count", "sampleCount", "n"];
        let count = count.iter().find_map(|name| asked.shift_remove(*name));
        config.extend(count.map(|count| ("candidateCount".to_owned(), count)));
        Ok(json!({ "contents": [{ "parts": [{ "text": prompt }] }], "generationConfig": config }))
    }

    fn answer(&self, body: Value, target: &Target) -> Result<Value, Error> {
        let Some(candidates) = body.get("candidates").and_then(Value::as_array) else {
            return Err(nothing_drawn(&body, target));
        };
        let parts = candidates.iter().filter_map(|one| one.pointer("/content/parts")?.as_array()).flatten();
        let images = parts.filter_map(|part| part.pointer("/inlineData/data")?.as_str());
        Ok(drawn(images, body.get("usageMetadata").map(usage), target))
    }

    fn error(&self, facts: &Facts, status: u16, body: &[u8]) -> Error {
        gemini::error(facts, status, body)
    }

    fn decoder(&self, target: &Target) -> Box<dyn Decoder> {
        Box::new(vectors::Nothing(target.provider().facts()))
    }
}

/// Proportion and resolution: the vendor's own setting, or what follows from the size.
fn image_config(asked: &mut Map<String, Value>, target: &Target) -> Result<Map<String, Value>, Error> {
    let sized = target.deployment.supports("supports_image_size");
    let sized = sized.unwrap_or_else(|| !target.deployment.model.contains("2.5-flash"));
    let mut config = match asked.shift_remove("imageConfig") {
        Some(Value::Object(config)) => config,
        _ => Map::new(),
    };
    if let Some(size) = dimensions(asked.get("size"))?.filter(|_| config.is_empty()) {
        config.insert("aspectRatio".into(), ratio::of(size).into());
        config.insert("imageSize".into(), ratio::resolution(size).into());
    }
    if !sized {
        config.shift_remove("imageSize");
    }
    Ok(config)
}

/// Tokens by what they are of; an answer that does not say is all image.
fn usage(given: &Value) -> Value {
    let count = |name: &str| given.get(name).and_then(Value::as_u64).unwrap_or(0);
    let of = |name: &str, modality: &str| -> u64 {
        let details = given.get(name).and_then(Value::as_array).into_iter().flatten();
        let details = details.filter(|one| one.get("modality").is_some_and(|of| of == modality));
        details.filter_map(|one| one.get("tokenCount")?.as_u64()).fold(0, u64::saturating_add)
    };
    let output = count("candidatesTokenCount");
    let told =
        given.get("candidatesTokensDetails").and_then(Value::as_array).is_some_and(|all| !all.is_empty());
    let image = if told { of("candidatesTokensDetails", "IMAGE").min(output) } else { output };
    json!({
        "input_tokens": count("promptTokenCount"),
        "input_tokens_details": {
            "image_tokens": of("promptTokensDetails", "IMAGE"),
            "text_tokens": of("promptTokensDetails", "TEXT"),
        },
        "output_tokens": output,
        "output_tokens_details": { "image_tokens": image, "text_tokens": output - image },
        "total_tokens": count("totalTokenCount"),
    })
}

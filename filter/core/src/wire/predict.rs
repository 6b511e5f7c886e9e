//! Vertex AI's `predict`, the format of its embedding models.
//! <https://cloud.google.com/vertex-ai/generative-ai/docs/model-reference/text-embeddings-api>

use super::{Decoder, Target, Wire, gemini, vectors};
use crate::{error::Error, operation::Operation, providers::Facts};
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
        operation == Operation::Embeddings
    }

    fn request(&self, mut asked: Map<String, Value>, target: &Target) -> Result<Value, Error> {
        vectors::admit(&mut asked, target)?;
        asked.shift_remove("model");
        let inputs = vectors::inputs(&mut asked);
        let dimensions = asked.shift_remove("dimensions");
        if is_multimodal(target) {
            return multimodal(&inputs, dimensions);
        }
        if let Some(kind) = asked.get("input_type").cloned() {
            asked.entry("task_type").or_insert(kind);
        }
        let instances = inputs.into_iter().map(|input| {
            let mut instance = Map::new();
            instance.insert("content".into(), input);
            for name in ["task_type", "title"] {
                instance.extend(asked.get(name).map(|value| (name.to_owned(), value.clone())));
            }
            Value::Object(instance)
        });
        let instances: Vec<Value> = instances.collect();
        asked.extend(dimensions.map(|dimensions| ("outputDimensionality".to_owned(), dimensions)));
        Ok(json!({ "instances": instances, "parameters": asked }))
    }

    fn answer(&self, body: Value, target: &Target) -> Result<Value, Error> {
        let facts = target.provider().facts();
        let Some(predictions) = body.get("predictions").and_then(Value::as_array) else {
            return Err(Error::unreadable(facts, body.to_string().as_bytes(), &"no predictions"));
        };
        let values = predictions.iter().flat_map(values);
        Ok(vectors::list(values, &target.deployment.model, &usage(&body, predictions, target)))
    }

    fn error(&self, facts: &Facts, status: u16, body: &[u8]) -> Error {
        gemini::error(facts, status, body)
    }

    fn decoder(&self, target: &Target) -> Box<dyn Decoder> {
        Box::new(vectors::Nothing(target.provider().facts()))
    }
}

/// Models of texts, images and films have another form of instance.
/// <https://cloud.google.com/vertex-ai/generative-ai/docs/model-reference/multimodal-embeddings-api>
fn is_multimodal(target: &Target) -> bool {
    target.deployment.model.contains("multimodal")
}

fn multimodal(inputs: &[Value], dimensions: Option<Value>) -> Result<Value, Error> {
    let instances: Vec<Value> = inputs.iter().map(instance).collect::<Result<_, _>>()?;
    let mut body = Map::new();
    body.insert("instances".into(), instances.into());
    if let Some(dimensions) = dimensions {
        body.insert("parameters".into(), json!({ "dimension": dimensions }));
    }
    Ok(body.into())
}

fn instance(input: &Value) -> Result<Value, Error> {
    let Some(text) = input.as_str() else {
        return match input {
            Value::Object(_) => Ok(input.clone()),
            _ => Err(Error::invalid(format!("litellm.BadRequestError: input: must be texts, not {input}"))),
        };
    };
    Ok(match text.split_once(";base64,") {
        Some((_, data)) => json!({ "image": { "bytesBase64Encoded": data } }),
        None if text.starts_with("gs://") && text.contains("mp4") => json!({ "video": { "gcsUri": text } }),
        None if text.starts_with("gs://") => json!({ "image": { "gcsUri": text } }),
        None => json!({ "text": text }),
    })
}

/// The vectors of a prediction: one, or those of the stretches of a film.
fn values(prediction: &Value) -> Vec<Value> {
    let one = prediction.pointer("/embeddings/values");
    let one = one.or_else(|| prediction.get("textEmbedding")).or_else(|| prediction.get("imageEmbedding"));
    if let Some(one) = one {
        return vec![one.clone()];
    }
    let stretches = prediction.get("videoEmbeddings").and_then(Value::as_array).into_iter().flatten();
    stretches.filter_map(|stretch| stretch.get("embedding").cloned()).collect()
}

/// Tokens of texts; of other things, what they are paid by.
fn usage(body: &Value, predictions: &[Value], target: &Target) -> Value {
    let tokens =
        predictions.iter().filter_map(|one| one.pointer("/embeddings/statistics/token_count")?.as_f64());
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a count of tokens, saturating"
    )]
    let mut usage = vectors::usage(tokens.sum::<f64>() as u64);
    let characters = body.pointer("/metadata/billableCharacterCount").cloned();
    let details = if is_multimodal(target) {
        let mut asked: Map<String, Value> = serde_json::from_slice(&target.call.body).unwrap_or_default();
        let inputs = vectors::inputs(&mut asked);
        let (texts, others): (Vec<&str>, Vec<&str>) = inputs
            .iter()
            .filter_map(Value::as_str)
            .partition(|text| !text.contains(";base64,") && !text.starts_with("gs://"));
        let characters = texts.iter().flat_map(|text| text.chars()).filter(|c| !c.is_whitespace()).count();
        let characters = (characters > 0).then_some(characters);
        Some(
            json!({ "character_count": characters, "image_count": others.len(), "video_length_seconds": 0.0 }),
        )
    } else {
        characters.map(|characters| json!({ "character_count": characters }))
    };
    if let (Some(usage), Some(details)) = (usage.as_object_mut(), details) {
        usage.insert("prompt_tokens_details".into(), details);
    }
    usage
}

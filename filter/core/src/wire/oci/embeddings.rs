//! Embeddings.
//! <https://docs.oracle.com/en-us/iaas/api/#/en/generative-ai-inference/20231130/EmbedTextResult/EmbedText>

use super::refused;
use crate::{
    error::Error,
    operation::Operation,
    wire::{Decoder, Target, Wire, vectors},
};
use serde_json::{Map, Value};

/// The format.
#[derive(Debug, Clone, Copy)]
pub struct This;

impl Wire for This {
    fn path(&self, _target: &Target) -> String {
        super::path("embedText")
    }

    fn supports(&self, operation: Operation) -> bool {
        operation == Operation::Embeddings
    }

    fn request(&self, mut asked: Map<String, Value>, target: &Target) -> Result<Value, Error> {
        target.provider().fit_embeddings(&mut asked, target.deployment)?;
        let inputs = vectors::inputs(&mut asked);
        if !inputs.iter().all(Value::is_string) {
            return Err(refused(
                "OCI embedText does not support token-array inputs. Convert token lists to strings.",
            ));
        }
        let mut body = super::envelope(target)?;
        body.insert("inputs".into(), inputs.into());
        if let Some(kind) = asked.get("input_type").and_then(Value::as_str) {
            body.insert("inputType".into(), kind.to_ascii_uppercase().into());
        }
        body.insert("truncate".into(), asked.shift_remove("truncate").unwrap_or_else(|| "END".into()));
        if let Some(dimensions) = asked.shift_remove("dimensions") {
            body.insert("outputDimensions".into(), dimensions);
        }
        Ok(body.into())
    }

    fn answer(&self, body: Value, target: &Target) -> Result<Value, Error> {
        let facts = target.provider().facts();
        let Some(vectors) = body.get("embeddings").and_then(Value::as_array) else {
            return Err(super::unanswered(facts, &body));
        };
        let counted = body.get("inputTextTokenCounts").and_then(Value::as_array);
        let counted = counted.map(|counts| counts.iter().filter_map(Value::as_u64).sum());
        let counted = counted.or_else(|| body.pointer("/usage/promptTokens")?.as_u64());
        let prompt = counted.unwrap_or_else(|| vectors::guess(target));
        Ok(vectors::list(vectors.iter().cloned(), &target.deployment.model, &vectors::usage(prompt)))
    }

    fn decoder(&self, target: &Target) -> Box<dyn Decoder> {
        Box::new(vectors::Nothing(target.provider().facts()))
    }
}

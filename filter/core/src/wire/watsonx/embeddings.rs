//! Embeddings. <https://cloud.ibm.com/apidocs/watsonx-ai#text-embeddings>

use super::{identity, path};
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
    fn path(&self, target: &Target) -> String {
        path(target.deployment, "embeddings")
    }

    fn supports(&self, operation: Operation) -> bool {
        operation == Operation::Embeddings
    }

    fn request(&self, mut asked: Map<String, Value>, target: &Target) -> Result<Value, Error> {
        target.provider().fit_embeddings(&mut asked, target.deployment)?;
        asked.shift_remove("model");
        let inputs = vectors::inputs(&mut asked);
        if !inputs.iter().all(Value::is_string) {
            return Err(Error::invalid(
                "litellm.BadRequestError: WatsonxException - input: must be a text or a list of texts",
            ));
        }
        let mut body = identity(&mut asked, target.deployment);
        body.insert("inputs".into(), inputs.into());
        body.insert("parameters".into(), asked.into());
        Ok(body.into())
    }

    fn answer(&self, body: Value, target: &Target) -> Result<Value, Error> {
        let Some(results) = body.get("results").and_then(Value::as_array) else {
            let facts = target.provider().facts();
            return Err(Error::unreadable(facts, body.to_string().as_bytes(), &"no results"));
        };
        let counted = body.get("input_token_count").and_then(Value::as_u64);
        let prompt = counted.unwrap_or_else(|| vectors::guess(target));
        let values = results.iter().map(|one| one.get("embedding").cloned().unwrap_or_default());
        Ok(vectors::list(values, &target.deployment.model, &vectors::usage(prompt)))
    }

    fn decoder(&self, target: &Target) -> Box<dyn Decoder> {
        Box::new(vectors::Nothing(target.provider().facts()))
    }
}

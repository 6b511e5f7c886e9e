//! Hugging Face's feature extraction, on its hub or at an endpoint of one's own.
//! <https://huggingface.co/docs/inference-providers/tasks/feature-extraction>

use super::{Decoder, Target, Wire, vectors};
use crate::{error::Error, operation::Operation};
use serde_json::{Map, Value};

/// The format.
#[derive(Debug, Clone, Copy)]
pub struct This;

impl Wire for This {
    fn path(&self, target: &Target) -> String {
        if !target.deployment.at_home() {
            return if target.deployment.path("").is_empty() { "/".into() } else { String::new() };
        }
        format!("/hf-inference/pipeline/feature-extraction/{}", target.deployment.model)
    }

    fn supports(&self, operation: Operation) -> bool {
        operation == Operation::Embeddings
    }

    fn request(&self, mut asked: Map<String, Value>, target: &Target) -> Result<Value, Error> {
        target.provider().fit_embeddings(&mut asked, target.deployment)?;
        asked.shift_remove("model");
        let inputs = asked.shift_remove("input").unwrap_or_default();
        let texts =
            inputs.is_string() || inputs.as_array().is_some_and(|inputs| inputs.iter().all(Value::is_string));
        if !texts {
            return Err(Error::invalid(
                "litellm.BadRequestError: HuggingfaceException - input: must be a text or a list of texts",
            ));
        }
        asked.insert("inputs".into(), inputs);
        Ok(asked.into())
    }

    fn answer(&self, body: Value, target: &Target) -> Result<Value, Error> {
        let list = body.get("embeddings").unwrap_or(&body).as_array();
        let Some(list) = list.filter(|list| !list.is_empty()) else {
            let facts = target.provider().facts();
            return Err(match body.get("error") {
                Some(_) => Error::inside(facts, &body),
                None => Error::unreadable(facts, body.to_string().as_bytes(), &"no vectors"),
            });
        };
        let alone = list.first().is_some_and(Value::is_number);
        let found = if alone { vec![Value::from(list.clone())] } else { list.clone() };
        let usage = vectors::usage(vectors::guess(target));
        Ok(vectors::list(found.into_iter().map(pooled), &target.deployment.model, &usage))
    }

    fn decoder(&self, target: &Target) -> Box<dyn Decoder> {
        Box::new(vectors::Nothing(target.provider().facts()))
    }
}

/// The vector of a text. A model that does not pool gives one for each of its tokens, of which the first stands for
/// the text.
fn pooled(mut found: Value) -> Value {
    while let Some(first @ Value::Array(_)) = found.get_mut(0) {
        found = first.take();
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_first_of_several_vectors_stands_for_a_text() {
        assert_eq!(pooled(json!([1, 2])), json!([1, 2]));
        assert_eq!(pooled(json!([[1, 2], [3, 4]])), json!([1, 2]));
        assert_eq!(pooled(json!([[[1, 2]]])), json!([1, 2]));
    }
}

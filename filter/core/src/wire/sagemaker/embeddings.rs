//! Embeddings, in the schema of Hugging Face's containers.
//! <https://docs.djl.ai/master/docs/serving/serving/docs/lmi/user_guides/embedding-user-guide.html>

use crate::{
    error::Error,
    wire::{Target, vectors},
};
use serde_json::{Map, Value};

/// The licence of a model of the marketplace is accepted.
pub const LICENCE: (&str, &str) = ("x-amzn-sagemaker-custom-attributes", "accept_eula=true");

/// From an embeddings request.
pub fn body(mut asked: Map<String, Value>, target: &Target) -> Result<Value, Error> {
    target.provider().fit_embeddings(&mut asked, target.deployment)?;
    asked.shift_remove("model");
    if let Some(input) = asked.shift_remove("input") {
        asked.insert("inputs".into(), input);
    }
    Ok(asked.into())
}

/// From a whole answer: the vectors alone, or under a name.
pub fn answer(body: &Value, target: &Target) -> Result<Value, Error> {
    let Some(vectors) = body.get("embedding").unwrap_or(body).as_array() else {
        let facts = target.provider().facts();
        return Err(Error::unreadable(facts, body.to_string().as_bytes(), &"no embedding"));
    };
    let usage = vectors::usage(vectors::guess(target));
    Ok(vectors::list(vectors.iter().cloned(), &target.deployment.model, &usage))
}

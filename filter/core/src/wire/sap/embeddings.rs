//! Embeddings. <https://help.sap.com/docs/sap-ai-core/generative-ai/embeddings>

use super::messages::refused;
use crate::{error::Error, wire::Target};
use serde_json::{Map, Value, json};

/// From an embeddings request.
pub fn body(mut asked: Map<String, Value>, target: &Target) -> Result<Value, Error> {
    target.provider().fit_embeddings(&mut asked, target.deployment)?;
    let text = asked.shift_remove("input").unwrap_or_default();
    let texts = text.is_string() || text.as_array().is_some_and(|texts| texts.iter().all(Value::is_string));
    if !texts {
        return Err(refused("input: must be a text or a list of texts"));
    }
    let mut params = Map::new();
    for name in ["dimensions", "encoding_format"] {
        params.extend(asked.shift_remove_entry(name));
    }
    let model = json!({ "name": target.deployment.model, "version": "latest", "params": params });
    Ok(json!({ "config": { "modules": { "embeddings": { "model": model } } }, "input": { "text": text } }))
}

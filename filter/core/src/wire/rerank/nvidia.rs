//! NVIDIA's retrieval API: passages, and a logit for each.
//! <https://docs.api.nvidia.com/nim/reference/nvidia-llama-3_2-nv-rerankqa-1b-v2-infer>

use super::{asked, documents, list, ranking, result, text, text_at};
use crate::{
    error::Error,
    operation::Operation,
    wire::{Decoder, Target, Wire, vectors},
};
use serde_json::{Map, Value, json};

/// The format.
#[derive(Debug, Clone, Copy)]
pub struct This;

/// In front of a model that is asked at the path of all of them, rather than at one of its own.
const SHARED: &str = "ranking/";

impl Wire for This {
    fn path(&self, target: &Target) -> String {
        let base = target.deployment.base_url();
        let version = if base.ends_with("/v1") { "" } else { "/v1" };
        match target.deployment.model.strip_prefix(SHARED) {
            _ if base.contains("/retrieval/") => String::new(),
            Some(_) if base.ends_with("/ranking") => String::new(),
            Some(_) => format!("{version}/ranking"),
            None => format!("{version}/retrieval/{}/reranking", target.deployment.model),
        }
    }

    fn supports(&self, operation: Operation) -> bool {
        operation == Operation::Rerank
    }

    fn request(&self, mut asked: Map<String, Value>, target: &Target) -> Result<Value, Error> {
        let shared = target.deployment.model.strip_prefix(SHARED);
        let query = asked.shift_remove("query").unwrap_or_default();
        let passages: Vec<Value> =
            documents(&mut asked).iter().map(|one| passage(one, shared.is_some())).collect();
        let mut body = Map::new();
        // Where a name has to be a path, it has underscores for dots.
        let model = shared.unwrap_or(&target.deployment.model).replace('_', ".");
        body.insert("model".into(), model.into());
        body.insert("query".into(), json!({ "text": query }));
        body.insert("passages".into(), passages.into());
        if shared.is_none() {
            let count = asked.shift_remove("top_k").or_else(|| asked.shift_remove("top_n"));
            body.extend(count.map(|count| ("top_k".to_owned(), count)));
        }
        body.extend(asked.shift_remove_entry("truncate"));
        Ok(body.into())
    }

    /// The shared path ranks them all: those that were asked for are the first of them.
    fn answer(&self, body: Value, target: &Target) -> Result<Value, Error> {
        let mut asked = asked(target);
        let documents = documents(&mut asked);
        let wanted = asked.get("top_n").filter(|_| target.deployment.model.starts_with(SHARED));
        let wanted = wanted.and_then(Value::as_u64).and_then(|wanted| usize::try_from(wanted).ok());
        let found = list(&body, &["rankings"], target)?.iter().take(wanted.unwrap_or(usize::MAX));
        let results = found.map(|one| {
            let index = one.get("index");
            result(index, one.get("logit"), text_at(&documents, index).as_ref())
        });
        let total = body.pointer("/usage/total_tokens").and_then(Value::as_u64);
        let meta =
            total.map_or_else(|| json!({}), |total| json!({ "billed_units": { "total_tokens": total } }));
        Ok(ranking(body.get("id"), results.collect(), meta, target))
    }

    fn decoder(&self, target: &Target) -> Box<dyn Decoder> {
        Box::new(vectors::Nothing(target.provider().facts()))
    }
}

/// A text; at the shared path, an image as well.
fn passage(document: &Value, images: bool) -> Value {
    let image = document.get("image").filter(|_| images);
    match (image, document.get("text")) {
        (Some(image), Some(text)) => json!({ "text": text, "image": image }),
        (Some(image), None) => json!({ "image": image }),
        (None, _) => json!({ "text": text(document) }),
    }
}

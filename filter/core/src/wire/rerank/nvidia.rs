//! NVIDIA's retrieval API: passages, and a logit for each.
//! <https://docs.api.nvidia.com/nim/reference/nvidia-llama-3_2-nv-rerankqa-1b-v2-infer>

use super::{asked, documents, list, ranking, result, text};
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
            Some(_) => format!("{version}/ranking"),
            None => format!("{version}/retrieval/{}/reranking", target.deployment.model),
        }
    }

    fn supports(&self, operation: Operation) -> bool {
        operation == Operation::Rerank
    }

    fn request(&self, mut asked: Map<String, Value>, target: &Target) -> Result<Value, Error> {
        let model = target.deployment.model.trim_start_matches(SHARED);
        let query = asked.shift_remove("query").unwrap_or_default();
        let passages: Vec<Value> = documents(&mut asked).iter().map(|one| json!({ "text": text(one) })).collect();
        let mut body = Map::new();
        // Where a name has to be a path, it has underscores for dots.
        body.insert("model".into(), model.replace('_', ".").into());
        body.insert("query".into(), json!({ "text": query }));
        body.insert("passages".into(), passages.into());
        for own in ["top_k", "truncate"] {
            body.extend(asked.shift_remove_entry(own));
        }
        Ok(body.into())
    }

    /// It ranks them all: those that were asked for are the first of them.
    fn answer(&self, body: Value, target: &Target) -> Result<Value, Error> {
        let mut asked = asked(target);
        let documents = documents(&mut asked);
        let wanted = asked.get("top_n").and_then(Value::as_u64).and_then(|wanted| usize::try_from(wanted).ok());
        let found = list(&body, &["rankings"], target)?.iter().take(wanted.unwrap_or(usize::MAX));
        let results = found.map(|one| {
            let index = one.get("index");
            let at = index.and_then(Value::as_u64).and_then(|at| usize::try_from(at).ok());
            let document = at.and_then(|at| documents.get(at)).map(|document| Value::from(text(document)));
            result(index, one.get("logit"), document.as_ref())
        });
        let total = body.pointer("/usage/total_tokens").and_then(Value::as_u64);
        let meta = total.map_or_else(|| json!({}), |total| json!({ "billed_units": { "total_tokens": total } }));
        Ok(ranking(body.get("id"), results.collect(), meta, target))
    }

    fn decoder(&self, target: &Target) -> Box<dyn Decoder> {
        Box::new(vectors::Nothing(target.provider().facts()))
    }
}

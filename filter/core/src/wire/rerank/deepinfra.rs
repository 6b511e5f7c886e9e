//! `DeepInfra`'s own inference API: a query for each document, a score for each in their order.
//! <https://deepinfra.com/Qwen/Qwen3-Reranker-0.6B/api>

use super::{documents, list, ranking, result, tokens};
use crate::{
    error::Error,
    operation::Operation,
    wire::{Decoder, Target, Wire, vectors},
};
use serde_json::{Map, Value, json};

/// The format.
#[derive(Debug, Clone, Copy)]
pub struct This;

/// What the API takes beside queries and documents.
const TAKES: [&str; 4] = ["instruction", "queries", "service_tier", "webhook"];

impl Wire for This {
    fn path(&self, target: &Target) -> String {
        format!("/inference/{}", target.deployment.model)
    }

    fn supports(&self, operation: Operation) -> bool {
        operation == Operation::Rerank
    }

    fn request(&self, mut asked: Map<String, Value>, _target: &Target) -> Result<Value, Error> {
        let documents = documents(&mut asked);
        let query = asked.shift_remove("query").unwrap_or_default();
        asked.retain(|name, _| TAKES.contains(&name.as_str()));
        let queries = vec![query; documents.len()];
        asked.entry("queries").or_insert_with(|| queries.into());
        asked.insert("documents".into(), documents.into());
        Ok(asked.into())
    }

    fn answer(&self, body: Value, target: &Target) -> Result<Value, Error> {
        let scores = list(&body, &["scores"], target)?.iter().enumerate();
        let results = scores.map(|(at, score)| result(Some(&json!(at)), Some(score), None));
        let input = body.get("input_tokens").and_then(Value::as_u64);
        Ok(ranking(body.get("request_id"), results.collect(), tokens(input, input), target))
    }

    fn decoder(&self, target: &Target) -> Box<dyn Decoder> {
        Box::new(vectors::Nothing(target.provider().facts()))
    }
}

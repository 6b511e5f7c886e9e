//! Cohere's request, which most of the field imitates, and the few ways to answer it.
//! <https://docs.cohere.com/v2/reference/rerank>, <https://api.jina.ai/redoc#tag/rerank>

use super::{list, ranking, result, tokens};
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
        target.provider().path(target).unwrap_or_else(|| "/rerank".into())
    }

    fn supports(&self, operation: Operation) -> bool {
        operation == Operation::Rerank
    }

    fn request(&self, mut asked: Map<String, Value>, target: &Target) -> Result<Value, Error> {
        target.provider().fit_rerank(&mut asked, target)?;
        Ok(asked.into())
    }

    fn answer(&self, body: Value, target: &Target) -> Result<Value, Error> {
        let found = list(&body, &["results", "data"], target)?;
        let results =
            found.iter().map(|one| result(one.get("index"), one.get("relevance_score"), one.get("document")));
        let usage = |name: &str| body.get("usage")?.get(name)?.as_u64();
        let meta = body.get("meta").filter(|meta| meta.is_object()).cloned();
        let meta = meta.unwrap_or_else(|| tokens(usage("total_tokens"), usage("prompt_tokens")));
        Ok(ranking(body.get("id"), results.collect(), meta, target))
    }

    fn decoder(&self, target: &Target) -> Box<dyn Decoder> {
        Box::new(vectors::Nothing(target.provider().facts()))
    }
}

//! Ranking, a part of Bedrock's runtime for agents.
//! <https://docs.aws.amazon.com/bedrock/latest/APIReference/API_agent-runtime_Rerank.html>

use super::{Name, of_status};
use crate::{
    error::Error,
    operation::Operation,
    providers::Facts,
    wire::{Decoder, Target, Wire, rerank, vectors},
};
use serde_json::{Map, Value, json};

/// The format.
#[derive(Debug, Clone, Copy)]
pub struct This;

impl Wire for This {
    fn path(&self, _target: &Target) -> String {
        "/rerank".into()
    }

    fn supports(&self, operation: Operation) -> bool {
        operation == Operation::Rerank
    }

    fn request(&self, mut asked: Map<String, Value>, target: &Target) -> Result<Value, Error> {
        let documents = asked.get_mut("documents").map(Value::take).unwrap_or_default();
        let sources: Vec<Value> = documents.as_array().into_iter().flatten().map(source).collect();
        let query = asked.get("query").cloned().unwrap_or_default();
        let wanted = asked.get("top_n").filter(|wanted| wanted.as_u64() != Some(0)).cloned();
        let model = Name::of(&target.deployment.model).id();
        Ok(json!({
            "queries": [{ "type": "TEXT", "textQuery": { "text": query } }],
            "rerankingConfiguration": {
                "type": "BEDROCK_RERANKING_MODEL",
                "bedrockRerankingConfiguration": {
                    "modelConfiguration": { "modelArn": model },
                    "numberOfResults": wanted.unwrap_or_else(|| sources.len().into()),
                },
            },
            "sources": sources,
        }))
    }

    /// It is not said what is paid for: at least one search.
    fn answer(&self, body: Value, target: &Target) -> Result<Value, Error> {
        let found = rerank::list(&body, &["results"], target)?;
        let results =
            found.iter().map(|one| rerank::result(one.get("index"), one.get("relevanceScore"), None));
        let meta = json!({ "billed_units": { "search_units": 1 }, "tokens": {} });
        Ok(rerank::ranking(body.get("id"), results.collect(), meta, target))
    }

    fn error(&self, facts: &Facts, status: u16, body: &[u8]) -> Error {
        of_status(facts, status, body)
    }

    fn decoder(&self, target: &Target) -> Box<dyn Decoder> {
        Box::new(vectors::Nothing(target.provider().facts()))
    }
}

/// A document: a text, or fields.
fn source(document: &Value) -> Value {
    let document = match document {
        Value::String(text) => json!({ "type": "TEXT", "textDocument": { "text": text } }),
        fields => json!({ "type": "JSON", "jsonDocument": fields }),
    };
    json!({ "type": "INLINE", "inlineDocumentSource": document })
}

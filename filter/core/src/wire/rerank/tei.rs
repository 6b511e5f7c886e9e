//! Hugging Face's Text Embeddings Inference. <https://huggingface.github.io/text-embeddings-inference/#/Text%20Embeddings%20Inference/rerank>

use super::{asked, documents, list, ranking, result, text, text_at};
use crate::{
    error::Error,
    operation::Operation,
    usage::estimate,
    wire::{Decoder, Target, Wire, vectors},
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
        target.provider().fit_rerank(&mut asked, target)?;
        asked.shift_remove("model");
        let texts = documents(&mut asked);
        asked.insert("texts".into(), texts.into());
        if let Some(wanted) = asked.shift_remove("return_documents") {
            asked.insert("return_text".into(), wanted);
        }
        for (name, default) in [
            ("raw_scores", json!(false)),
            ("truncate", json!(false)),
            ("truncation_direction", json!("Right")),
        ] {
            asked.entry(name).or_insert(default);
        }
        Ok(asked.into())
    }

    /// A bare list. It is not said how many tokens were read.
    fn answer(&self, body: Value, target: &Target) -> Result<Value, Error> {
        let wrapped = json!({ "results": body });
        let found = list(if body.is_object() { &body } else { &wrapped }, &["results"], target)?;
        let mut asked = asked(target);
        let query = asked.get("query").and_then(Value::as_str).unwrap_or_default().len();
        let wanted = asked.get("return_documents").and_then(Value::as_bool) == Some(true);
        let documents = documents(&mut asked);
        let results = found.iter().map(|one| {
            let own = one.get("text").filter(|text| !text.is_null()).cloned();
            let document = own.or_else(|| text_at(&documents, one.get("index")));
            result(one.get("index"), one.get("score"), document.as_ref().filter(|_| wanted))
        });
        let read = documents.iter().map(|one| estimate(text(one).len()));
        let meta = json!({
            "api_version": { "version": "1.0" },
            "billed_units": { "search_units": 1 },
            "tokens": { "input_tokens": read.fold(estimate(query), u64::saturating_add) },
        });
        Ok(ranking(None, results.collect(), meta, target))
    }

    fn decoder(&self, target: &Target) -> Box<dyn Decoder> {
        Box::new(vectors::Nothing(target.provider().facts()))
    }
}

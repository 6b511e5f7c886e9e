//! Ranking. <https://cloud.ibm.com/apidocs/watsonx-ai#text-rerank>

use super::{identity, path};
use crate::{
    error::Error,
    operation::Operation,
    wire::{Decoder, Target, Wire, rerank, vectors},
};
use serde_json::{Map, Value, json};

/// The format.
#[derive(Debug, Clone, Copy)]
pub struct This;

impl Wire for This {
    fn path(&self, target: &Target) -> String {
        path(target.deployment, "rerank")
    }

    fn supports(&self, operation: Operation) -> bool {
        operation == Operation::Rerank
    }

    fn request(&self, mut asked: Map<String, Value>, target: &Target) -> Result<Value, Error> {
        let mut body = identity(&mut asked, target.deployment);
        let documents = asked.get_mut("documents").map(Value::take).unwrap_or_default();
        let inputs = documents.as_array().into_iter().flatten().map(|document| match document {
            Value::String(text) => json!({ "text": text }),
            fields => fields.clone(),
        });
        body.insert("inputs".into(), inputs.collect::<Vec<Value>>().into());
        body.insert("query".into(), asked.get("query").cloned().unwrap_or_default());
        let parameters = parameters(&mut asked);
        if !parameters.is_empty() {
            body.insert("parameters".into(), parameters.into());
        }
        Ok(body.into())
    }

    fn answer(&self, body: Value, target: &Target) -> Result<Value, Error> {
        let found = rerank::list(&body, &["results"], target)?;
        let results =
            found.iter().map(|one| rerank::result(one.get("index"), one.get("score"), one.get("input")));
        let meta = json!({ "tokens": { "input_tokens": body.get("input_token_count") } });
        Ok(rerank::ranking(body.get("id"), results.collect(), meta, target))
    }

    fn decoder(&self, target: &Target) -> Box<dyn Decoder> {
        Box::new(vectors::Nothing(target.provider().facts()))
    }
}

fn parameters(asked: &mut Map<String, Value>) -> Map<String, Value> {
    let mut taken = |names: &[(&str, &str)]| -> Map<String, Value> {
        let own = |(name, own): &(&str, &str)| Some(((*own).to_owned(), asked.shift_remove(*name)?));
        names.iter().filter_map(own).collect()
    };
    let options = taken(&[("return_documents", "inputs"), ("top_n", "top_n")]);
    let mut parameters = taken(&[("max_tokens_per_doc", "truncate_input_tokens")]);
    if !options.is_empty() {
        parameters.insert("return_options".into(), options.into());
    }
    parameters
}

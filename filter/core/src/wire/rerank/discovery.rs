//! Google's ranking API, part of what is now AI Applications.
//! <https://cloud.google.com/generative-ai-app-builder/docs/ranking>

use super::{asked, documents, list, ranking, result, text};
use crate::{
    error::Error,
    operation::Operation,
    providers::Facts,
    wire::{Decoder, Target, Wire, gemini, vectors},
};
use serde_json::{Map, Value, json};

/// The format.
#[derive(Debug, Clone, Copy)]
pub struct This;

/// Records that are paid for as one search.
const RECORDS_A_UNIT: usize = 100;

impl Wire for This {
    fn path(&self, target: &Target) -> String {
        let project = project(target);
        format!("/v1/projects/{project}/locations/global/rankingConfigs/default_ranking_config:rank")
    }

    fn headers(&self, _asked: &Map<String, Value>, target: &Target) -> Vec<(String, String)> {
        let project = project(target);
        let named = (!project.is_empty()).then(|| ("x-goog-user-project".to_owned(), project.to_owned()));
        named.into_iter().collect()
    }

    fn supports(&self, operation: Operation) -> bool {
        operation == Operation::Rerank
    }

    fn request(&self, mut asked: Map<String, Value>, _target: &Target) -> Result<Value, Error> {
        let records = documents(&mut asked).iter().enumerate().map(|(at, one)| record(at, one)).collect();
        let bare = asked.get("return_documents").and_then(Value::as_bool) != Some(true);
        let mut body = Map::new();
        for (name, own) in [("model", "model"), ("query", "query"), ("top_n", "topN")] {
            body.extend(asked.shift_remove(name).map(|value| (own.to_owned(), value)));
        }
        body.insert("records".into(), Value::Array(records));
        body.insert("ignoreRecordDetailsInResponse".into(), bare.into());
        Ok(body.into())
    }

    /// The best first, whatever their order.
    fn answer(&self, body: Value, target: &Target) -> Result<Value, Error> {
        let score = |record: &Value| record.get("score").and_then(Value::as_f64).unwrap_or(1.0);
        let mut records: Vec<&Value> = list(&body, &["records"], target)?.iter().collect();
        records.sort_by(|a, b| score(b).total_cmp(&score(a)));
        let results = records.into_iter().map(|record| {
            let index = record.get("id").and_then(|id| id.as_str()?.parse::<u64>().ok());
            result(Some(&json!(index)), Some(&json!(score(record))), None)
        });
        let units = documents(&mut asked(target)).len().div_ceil(RECORDS_A_UNIT);
        let meta = json!({ "billed_units": { "search_units": units } });
        Ok(ranking(None, results.collect(), meta, target))
    }

    fn error(&self, facts: &Facts, status: u16, body: &[u8]) -> Error {
        gemini::error(facts, status, body)
    }

    fn decoder(&self, target: &Target) -> Box<dyn Decoder> {
        Box::new(vectors::Nothing(target.provider().facts()))
    }
}

fn project<'a>(target: &Target<'a>) -> &'a str {
    let params = &target.deployment.params;
    let named = ["vertex_project", "vertex_ai_project", "project"];
    named.iter().find_map(|name| params.get(*name)?.as_str()).unwrap_or_default()
}

/// A record has a title: the first words of the text, where the document has none.
fn record(at: usize, document: &Value) -> Value {
    let content = text(document);
    let title = document.get("title").and_then(Value::as_str).map(str::to_owned);
    let title = title.unwrap_or_else(|| content.split_whitespace().take(3).collect::<Vec<_>>().join(" "));
    json!({ "id": at.to_string(), "title": title, "content": content })
}

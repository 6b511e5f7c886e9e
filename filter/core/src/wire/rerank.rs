//! What formats that rank documents have in common. The internal form is Cohere's, as `LiteLLM` shapes it.
//! <https://docs.cohere.com/v2/reference/rerank>

pub mod cohere;
pub mod deepinfra;
pub mod discovery;
pub mod nvidia;
pub mod tei;

use super::{Target, openai};
use crate::{deployment::Deployment, error::Error, parameters::unsupported_error};
use serde_json::{Map, Value, json};

/// What the API takes beside model, query and documents.
const PARAMETERS: &[&str] =
    &["instruction", "max_chunks_per_doc", "max_tokens_per_doc", "rank_fields", "return_documents", "top_n"];

/// Leaves out what a model does not take: without it, the order is the same or nearly so. What the API does not know is
/// the vendor's own.
pub fn keep(asked: &mut Map<String, Value>, taken: &[&str]) {
    asked.retain(|name, _| taken.contains(&name.as_str()) || !PARAMETERS.contains(&name.as_str()));
}

/// The path below a base URL that may end in a version, or in the path itself.
pub fn path_below(deployment: &Deployment, version: &str) -> String {
    let own = deployment.path("");
    let versioned = ["/v1", "/v2", "/rerank"].iter().any(|end| own.ends_with(end));
    if versioned { "/rerank".into() } else { format!("{version}/rerank") }
}

/// The documents of a request, taken out of it.
fn documents(asked: &mut Map<String, Value>) -> Vec<Value> {
    match asked.shift_remove("documents") {
        Some(Value::Array(documents)) => documents,
        Some(document) => vec![document],
        None => Vec::new(),
    }
}

/// What a client asked for, to be read once more beside the answer.
pub fn asked(target: &Target) -> Map<String, Value> {
    serde_json::from_slice(&target.call.body).unwrap_or_default()
}

/// A document's text: the whole of it, where it is fields without one of that name.
fn text(document: &Value) -> String {
    let text = document.as_str().or_else(|| document.get("text")?.as_str());
    text.map_or_else(|| document.to_string(), str::to_owned)
}

/// The text of the document that a result is about.
fn text_at(documents: &[Value], index: Option<&Value>) -> Option<Value> {
    let at = index.and_then(Value::as_u64).and_then(|at| usize::try_from(at).ok())?;
    documents.get(at).map(|document| text(document).into())
}

/// The place of a document in the ranking. A bare text is a document, too.
pub fn result(index: Option<&Value>, score: Option<&Value>, document: Option<&Value>) -> Value {
    let mut result = json!({ "index": index, "relevance_score": score });
    if let Some(document) = document.filter(|document| !document.is_null()) {
        let text = document.as_str().map(|text| json!({ "text": text }));
        if let Some(result) = result.as_object_mut() {
            result.insert("document".into(), text.unwrap_or_else(|| document.clone()));
        }
    }
    result
}

/// The results in an answer; what is wrong with it, if it has none.
pub fn list<'a>(body: &'a Value, names: &[&str], target: &Target) -> Result<&'a [Value], Error> {
    let list = names.iter().find_map(|name| body.get(*name)?.as_array());
    list.map(Vec::as_slice).ok_or_else(|| {
        let facts = target.provider().facts();
        match body.get("error") {
            Some(error) if !error.is_null() => Error::inside(facts, body),
            _ => Error::unreadable(facts, body.to_string().as_bytes(), &"no results"),
        }
    })
}

/// An answer in the internal form.
pub fn ranking(id: Option<&Value>, results: Vec<Value>, meta: Value, target: &Target) -> Value {
    let id = id.and_then(Value::as_str).filter(|id| !id.is_empty()).map(str::to_owned);
    let id = id.unwrap_or_else(|| openai::id("rerank-", target, 0));
    let mut ranking = Map::new();
    ranking.insert("id".into(), id.into());
    ranking.insert("results".into(), results.into());
    ranking.insert("meta".into(), meta);
    ranking.into()
}

/// What an answer is paid by where that is tokens: all of them, and those of the input.
pub fn tokens(total: Option<u64>, input: Option<u64>) -> Value {
    let Some(total) = total.or(input) else { return json!({ "billed_units": {}, "tokens": {} }) };
    let input = input.unwrap_or(total);
    json!({
        "billed_units": { "total_tokens": total },
        "tokens": { "input_tokens": input, "output_tokens": total.saturating_sub(input) },
    })
}

/// Refuses a parameter without which the order would be another: 400, unless the deployment says to drop it.
pub fn refuse(asked: &Map<String, Value>, target: &Target, parameter: &str, name: &str) -> Result<(), Error> {
    if !asked.contains_key(parameter) || target.deployment.switch("drop_params") {
        return Ok(());
    }
    Err(unsupported_error(format!("{name} does not support {parameter}")))
}

/// Has an answer say of tokens what follows from all of them.
pub fn tell(answer: &mut Map<String, Value>, tokens: impl Fn(&Value) -> Value) {
    let Some(Value::Object(meta)) = answer.get_mut("meta") else { return };
    let total = meta.get("billed_units").and_then(|units| units.get("total_tokens"));
    let tokens = tokens(total.unwrap_or(&Value::Null));
    meta.insert("tokens".into(), tokens);
}

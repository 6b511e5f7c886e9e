//! Token counts: chat's numbers under this API's names.

use serde_json::{Map, Value, json};

/// Chat's `usage` as a response's.
pub fn from_chat(usage: Option<&Value>) -> Value {
    let none = json!({});
    let usage = usage.unwrap_or(&none);
    let count = |name: &str| usage.get(name).filter(|count| count.is_number()).cloned().unwrap_or(0.into());
    let mut out = Map::new();
    out.insert("input_tokens".into(), count("prompt_tokens"));
    if let Some(details) = usage.get("prompt_tokens_details").and_then(Value::as_object) {
        out.insert("input_tokens_details".into(), input(details));
    }
    out.insert("output_tokens".into(), count("completion_tokens"));
    if let Some(details) = usage.get("completion_tokens_details").and_then(Value::as_object) {
        let names = ["audio_tokens", "text_tokens", "image_tokens"];
        out.insert("output_tokens_details".into(), counts(details, "reasoning_tokens", &names));
    }
    out.insert("total_tokens".into(), count("total_tokens"));
    out.extend(
        usage.get("cost").filter(|cost| cost.is_number()).map(|cost| ("cost".to_owned(), cost.clone())),
    );
    out.into()
}

fn input(details: &Map<String, Value>) -> Value {
    let names = ["text_tokens", "audio_tokens", "image_tokens", "video_tokens", "web_search_requests"];
    let mut out = counts(details, "cached_tokens", &names);
    let written = ["cache_write_tokens", "cache_creation_tokens"]
        .iter()
        .find_map(|name| details.get(*name).filter(|count| count.is_number()));
    if let (Some(written), Some(out)) = (written, out.as_object_mut()) {
        out.insert("cache_write_tokens".into(), written.clone());
    }
    out
}

/// The first is always told.
fn counts(details: &Map<String, Value>, first: &str, others: &[&str]) -> Value {
    let count = |name: &str| details.get(name).filter(|count| count.is_number()).cloned();
    let mut out = Map::new();
    out.insert(first.into(), count(first).unwrap_or(0.into()));
    out.extend(others.iter().filter_map(|name| Some(((*name).to_owned(), count(name)?))));
    out.into()
}

//! Token counts: the same numbers as chat's, under other names.

use crate::usage::Usage;
use serde_json::{Map, Value};

/// The fields, here and in chat.
const NAMES: [(&str, &str); 5] = [
    ("input_tokens", "prompt_tokens"),
    ("output_tokens", "completion_tokens"),
    ("total_tokens", "total_tokens"),
    ("input_tokens_details", "prompt_tokens_details"),
    ("output_tokens_details", "completion_tokens_details"),
];

/// A `usage` object in chat's words; `None` where there is none.
pub fn chat(usage: Option<&Value>) -> Option<Value> {
    let usage = usage?.as_object()?;
    let mut out = Map::with_capacity(usage.len());
    for (name, value) in usage.iter().filter(|(_, value)| !value.is_null()) {
        let known = NAMES.iter().find(|(own, _)| own == name).map(|(_, chat)| *chat);
        out.insert(known.unwrap_or(name).to_owned(), value.clone());
    }
    Some(out.into())
}

/// The counts in a `usage` object.
pub fn read(usage: &Value) -> Option<Usage> {
    Usage::read(&chat(Some(usage))?)
}

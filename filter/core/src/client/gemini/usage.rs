//! Token counts, the way Google counts: what was thought beside what was said.
//! <https://ai.google.dev/api/generate-content#UsageMetadata>

use crate::usage::Usage;
use serde_json::{Map, Value};

/// Chat's `usage` as `usageMetadata`.
pub fn from_chat(usage: Option<&Value>) -> Value {
    let usage = usage.and_then(Usage::read).unwrap_or_default();
    let thoughts = usage.reasoning.min(usage.completion);
    let mut out = Map::new();
    let mut put = |name: &str, count: u64| drop(out.insert(name.into(), count.into()));
    put("promptTokenCount", usage.prompt);
    put("candidatesTokenCount", usage.completion - thoughts);
    put("totalTokenCount", usage.total());
    for (name, count) in [("cachedContentTokenCount", usage.cached), ("thoughtsTokenCount", thoughts)] {
        if count > 0 {
            put(name, count);
        }
    }
    out.into()
}

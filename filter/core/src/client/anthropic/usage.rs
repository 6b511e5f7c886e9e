//! Token counts, the way Anthropic counts: input without what was read from or written to the cache.

use crate::usage::Usage;
use serde::Deserialize;
use serde_json::{Map, Value, json};

/// Chat's `usage` as Anthropic's. Counts of the cache are left out where they are zero, as `LiteLLM` does.
pub(super) fn from_chat(usage: Option<&Value>) -> Value {
    let Usage { prompt, completion, cached, cache_creation, .. } =
        usage.and_then(Usage::read).unwrap_or_default();
    let input = prompt.saturating_sub(cached).saturating_sub(cache_creation);
    let mut counts = Map::new();
    counts.insert("input_tokens".into(), input.into());
    counts.insert("output_tokens".into(), completion.into());
    for (name, count) in
        [("cache_creation_input_tokens", cache_creation), ("cache_read_input_tokens", cached)]
    {
        if count > 0 {
            counts.insert(name.into(), count.into());
        }
    }
    if let Some(searches) = usage.and_then(searches) {
        counts.insert("server_tool_use".into(), json!({ "web_search_requests": searches }));
    }
    Value::Object(counts)
}

fn searches(usage: &Value) -> Option<u64> {
    ["/server_tool_use/web_search_requests", "/prompt_tokens_details/web_search_requests"]
        .iter()
        .filter_map(|pointer| usage.pointer(pointer)?.as_u64())
        .find(|count| *count > 0)
}

/// Anthropic's own `usage`, as far as it is counted here.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(default)]
pub(super) struct Counts {
    input_tokens: Option<u64>,
    output_tokens: Option<u64>,
    cache_creation_input_tokens: Option<u64>,
    cache_read_input_tokens: Option<u64>,
    cache_creation: Option<Written>,
}

#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(default)]
struct Written {
    ephemeral_1h_input_tokens: Option<u64>,
}

impl Counts {
    /// Takes over what a later event says; what it leaves out stands.
    pub(super) fn update(&mut self, later: Self) {
        self.input_tokens = later.input_tokens.or(self.input_tokens);
        self.output_tokens = later.output_tokens.or(self.output_tokens);
        self.cache_creation_input_tokens =
            later.cache_creation_input_tokens.or(self.cache_creation_input_tokens);
        self.cache_read_input_tokens = later.cache_read_input_tokens.or(self.cache_read_input_tokens);
        self.cache_creation = later.cache_creation.or(self.cache_creation);
    }
}

impl From<Counts> for Usage {
    fn from(counts: Counts) -> Self {
        let cached = counts.cache_read_input_tokens.unwrap_or(0);
        let cache_creation = counts.cache_creation_input_tokens.unwrap_or(0);
        let input = counts.input_tokens.unwrap_or(0);
        Self {
            prompt: input.saturating_add(cached).saturating_add(cache_creation),
            completion: counts.output_tokens.unwrap_or(0),
            cached,
            cache_creation,
            cache_creation_1h: counts.cache_creation.and_then(|it| it.ephemeral_1h_input_tokens).unwrap_or(0),
            ..Self::default()
        }
    }
}

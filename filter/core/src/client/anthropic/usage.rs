//! Token counts, the way Anthropic counts: input without what was read from or written to the cache.

use crate::usage::Usage;
use serde::Deserialize;
use serde_json::{Map, Value, json};

/// Chat's `usage` as Anthropic's. Counts of the cache are left out where they are zero, as `LiteLLM` does.
pub(super) fn from_chat(usage: Option<&Value>) -> Value {
    let at = |pointer: &str| count(usage.and_then(|usage| usage.pointer(pointer)));
    let first = |pointers: &[&str]| pointers.iter().map(|pointer| at(pointer)).find(|count| *count > 0);
    let read = first(&["/cache_read_input_tokens", "/prompt_tokens_details/cached_tokens"]);
    let written = first(&[
        "/cache_creation_input_tokens",
        "/prompt_tokens_details/cache_creation_tokens",
        "/prompt_tokens_details/cache_write_tokens",
    ]);
    let searches =
        first(&["/server_tool_use/web_search_requests", "/prompt_tokens_details/web_search_requests"]);
    let cached = read.unwrap_or(0).saturating_add(written.unwrap_or(0));

    let mut counts = Map::new();
    counts.insert("input_tokens".into(), at("/prompt_tokens").saturating_sub(cached).into());
    counts.insert("output_tokens".into(), at("/completion_tokens").into());
    for (name, value) in [("cache_creation_input_tokens", written), ("cache_read_input_tokens", read)] {
        if let Some(value) = value {
            counts.insert(name.into(), value.into());
        }
    }
    if let Some(searches) = searches {
        counts.insert("server_tool_use".into(), json!({ "web_search_requests": searches }));
    }
    Value::Object(counts)
}

/// A count, however a provider writes its numbers.
fn count(value: Option<&Value>) -> u64 {
    let Some(value) = value else { return 0 };
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the cast saturates, as it should"
    )]
    value.as_u64().or_else(|| value.as_f64().map(|count| count as u64)).unwrap_or(0)
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

//! Token counts, in the chat form: cached tokens are part of the prompt, reasoning is part of the completion.
//! <https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_TokenUsage.html>

use serde::Deserialize;
use serde_json::{Value, json};

/// What is known of the reasoning in an answer: the API does not count its tokens, Anthropic's models do if asked to.
#[derive(Debug, Clone, Copy, Default)]
pub struct Thought {
    /// There was some.
    pub any: bool,
    /// Bytes of it that were shown.
    pub bytes: usize,
    /// Tokens the model counted.
    pub tokens: Option<u64>,
}

impl Thought {
    /// Reads the count among `additionalModelResponseFields`.
    pub fn count(&mut self, fields: &Value) {
        let tokens = fields.pointer("/usage/output_tokens_details/thinking_tokens").and_then(Value::as_u64);
        self.tokens = tokens.or(self.tokens);
    }
}

/// `usage`, as the API sends it.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Counts {
    input_tokens: u64,
    output_tokens: u64,
    #[serde(alias = "cacheReadInputTokenCount")]
    cache_read_input_tokens: u64,
    #[serde(alias = "cacheWriteInputTokenCount")]
    cache_write_input_tokens: u64,
    cache_details: Vec<Written>,
}

/// Tokens written to the cache for a time.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Written {
    input_tokens: u64,
    ttl: String,
}

/// The chat form of `usage`; `None` when it is not in the API's form.
pub fn chat(usage: &Value, thought: Thought) -> Option<Value> {
    let counts = Counts::deserialize(usage).ok().filter(|_| usage.is_object())?;
    let (read, written) = (counts.cache_read_input_tokens, counts.cache_write_input_tokens);
    let prompt = counts.input_tokens.saturating_add(read).saturating_add(written);
    let total = prompt.saturating_add(counts.output_tokens);
    let mut own = json!({
        "completion_tokens": counts.output_tokens,
        "prompt_tokens": prompt,
        "total_tokens": total,
        "completion_tokens_details": completion_details(counts.output_tokens, thought),
        "prompt_tokens_details": {
            "cached_tokens": read,
            "cache_write_tokens": written,
            "cache_creation_tokens": written,
            "text_tokens": counts.input_tokens,
        },
        "cache_creation_input_tokens": written,
        "cache_read_input_tokens": read,
    });
    let of = |ttl: &str| {
        let parts = counts.cache_details.iter().filter(|part| part.ttl == ttl);
        parts.map(|part| part.input_tokens).fold(0, u64::saturating_add)
    };
    let (short, long) = (of("5m"), of("1h"));
    // A breakdown that leaves something out would make the rest free.
    if !counts.cache_details.is_empty()
        && short.saturating_add(long) == written
        && let Some(Value::Object(details)) = own.get_mut("prompt_tokens_details")
    {
        let by_ttl = json!({ "ephemeral_5m_input_tokens": short, "ephemeral_1h_input_tokens": long });
        details.insert("cache_creation_token_details".into(), by_ttl);
    }
    Some(own)
}

fn completion_details(output: u64, thought: Thought) -> Value {
    let reasoning = match (thought.tokens, thought.bytes) {
        (Some(counted), _) => counted.min(output),
        (None, 0) if thought.any => return json!({}),
        (None, 0) => 0,
        // About four bytes a token.
        (None, bytes) => (bytes as u64 / 4).max(1).min(output),
    };
    json!({ "reasoning_tokens": reasoning, "text_tokens": output.saturating_sub(reasoning) })
}

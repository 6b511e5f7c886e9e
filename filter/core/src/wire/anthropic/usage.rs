//! Token counts, in the chat form: cached tokens are part of the prompt, reasoning is part of the completion.
//! <https://docs.anthropic.com/en/docs/build-with-claude/prompt-caching#tracking-cache-performance>

use serde_json::{Map, Value, json};

/// What is known of the thinking in an answer whose upstream does not count its tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Thought {
    /// None, or none that was shown.
    None,
    /// Text of so many bytes.
    Shown(usize),
    /// Thinking without a text: there is nothing to estimate from.
    Hidden,
}

/// Reads a count; what is not a number counts nothing.
fn count(usage: &Map<String, Value>, name: &str) -> u64 {
    usage.get(name).and_then(number).unwrap_or(0)
}

fn number(value: &Value) -> Option<u64> {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a count of tokens, saturating"
    )]
    value.as_u64().or_else(|| value.as_f64().map(|number| number as u64))
}

/// The prompt's and the completion's share. An answer of several iterations is the sum of them.
#[derive(Debug, Default)]
struct Counts {
    input: u64,
    output: u64,
    written: u64,
    read: u64,
    thinking: Option<u64>,
}

impl Counts {
    fn of(usage: &Map<String, Value>) -> Self {
        let iterations =
            usage.get("iterations").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        if iterations.is_empty() {
            return Self::once(usage);
        }
        let parts = || iterations.iter().filter_map(Value::as_object).map(Self::once);
        let sum = |of: fn(&Self) -> u64| parts().map(|part| of(&part)).fold(0, u64::saturating_add);
        Self {
            input: sum(|part| part.input),
            output: sum(|part| part.output),
            written: sum(|part| part.written),
            read: sum(|part| part.read),
            thinking: parts().map(|part| part.thinking).sum::<Option<u64>>(),
        }
    }

    fn once(usage: &Map<String, Value>) -> Self {
        Self {
            input: count(usage, "input_tokens"),
            output: count(usage, "output_tokens"),
            written: count(usage, "cache_creation_input_tokens"),
            read: count(usage, "cache_read_input_tokens"),
            thinking: usage
                .get("output_tokens_details")
                .and_then(|details| number(details.get("thinking_tokens")?)),
        }
    }
}

/// The chat form of `usage`; `searches` are the tool searches counted in the answer's content.
pub fn chat(usage: &Map<String, Value>, thought: Thought, searches: u64) -> Value {
    let counts = Counts::of(usage);
    let prompt = counts.input.saturating_add(counts.written).saturating_add(counts.read);
    let mut own = json!({
        "completion_tokens": counts.output,
        "prompt_tokens": prompt,
        "total_tokens": prompt.saturating_add(counts.output),
        "completion_tokens_details": completion_details(&counts, thought),
        "prompt_tokens_details": {
            "cached_tokens": counts.read,
            "cache_write_tokens": counts.written,
            "cache_creation_tokens": counts.written,
            "text_tokens": counts.input,
        },
        "cache_creation_input_tokens": counts.written,
        "cache_read_input_tokens": counts.read,
    });
    let written =
        usage.get("iterations").and_then(written_by_ttl).or_else(|| usage.get("cache_creation").cloned());
    if let (Some(written), Some(Value::Object(details))) =
        (written.filter(Value::is_object), own.get_mut("prompt_tokens_details"))
    {
        details.insert("cache_creation_token_details".into(), written);
    }
    if let Value::Object(own) = &mut own {
        extras(usage, searches, own);
    }
    own
}

fn completion_details(counts: &Counts, thought: Thought) -> Value {
    let reasoning = match (counts.thinking, thought) {
        (Some(reported), _) => reported.min(counts.output),
        // About four bytes a token.
        (None, Thought::Shown(bytes)) => (bytes as u64 / 4).max(1).min(counts.output),
        (None, Thought::None) => 0,
        (None, Thought::Hidden) => return json!({}),
    };
    json!({ "reasoning_tokens": reasoning, "text_tokens": counts.output.saturating_sub(reasoning) })
}

/// Cache writes of several iterations by time to live; what says no time is for five minutes.
fn written_by_ttl(iterations: &Value) -> Option<Value> {
    let iterations: Vec<&Map<String, Value>> =
        iterations.as_array()?.iter().filter_map(Value::as_object).collect();
    let detailed: Vec<&Map<String, Value>> =
        iterations.iter().filter_map(|part| part.get("cache_creation")?.as_object()).collect();
    let sum = |parts: &[&Map<String, Value>], name| {
        parts.iter().map(|part| count(part, name)).fold(0, u64::saturating_add)
    };
    if detailed.is_empty() {
        return None;
    }
    let short = sum(&detailed, "ephemeral_5m_input_tokens");
    let long = sum(&detailed, "ephemeral_1h_input_tokens");
    let all = sum(&iterations, "cache_creation_input_tokens");
    let short = all.saturating_sub(long).max(short);
    Some(json!({ "ephemeral_5m_input_tokens": short, "ephemeral_1h_input_tokens": long }))
}

fn extras(usage: &Map<String, Value>, searches: u64, own: &mut Map<String, Value>) {
    for name in ["service_tier", "inference_geo", "speed", "iterations"] {
        if let Some(value) = usage.get(name).filter(|value| !value.is_null()) {
            own.insert(name.into(), value.clone());
        }
    }
    let mut tools = Map::new();
    let reported = usage.get("server_tool_use");
    for name in ["web_search_requests", "tool_search_requests"] {
        if let Some(requests) = reported.and_then(|tools| number(tools.get(name)?)) {
            tools.insert(name.into(), requests.into());
        }
    }
    if searches > 0 {
        tools.entry("tool_search_requests").or_insert_with(|| searches.into());
    }
    if !tools.is_empty() {
        own.insert("server_tool_use".into(), Value::Object(tools));
    }
}

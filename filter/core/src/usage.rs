//! Token counts of one exchange, in one form for every provider.

mod tally;
mod units;

use crate::{operation::Operation, wire::Target};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
pub use tally::Tally;
pub use units::{Picture, Quality};

/// Tokens used. `prompt` includes cached and cache-creation tokens, `completion` includes reasoning (OpenAI's way
/// of counting). Explicit zero is zero; what no provider reported is counted here and marked `estimated`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Usage {
    /// All input tokens.
    pub prompt: u64,
    /// All output tokens.
    pub completion: u64,
    /// Input tokens read from the provider's cache.
    pub cached: u64,
    /// Input tokens written to the provider's cache, for any time to live.
    pub cache_creation: u64,
    /// Of those, the ones written for one hour.
    pub cache_creation_1h: u64,
    /// Output tokens spent on reasoning.
    pub reasoning: u64,
    /// Input tokens of audio.
    pub audio_prompt: u64,
    /// Output tokens of audio.
    pub audio_completion: u64,
    /// Input tokens of images, where images are drawn.
    pub image_prompt: u64,
    /// Output tokens of images, where images are drawn.
    pub image_completion: u64,
    /// Images drawn.
    pub images: u64,
    /// What each of them is.
    pub picture: Picture,
    /// Searches that a ranking is paid by.
    pub search_units: u64,
    /// Characters of text that became speech.
    pub characters: u64,
    /// Milliseconds of sound that became text.
    pub audio_ms: u64,
    /// Nothing was reported: the counts are an estimate from the text's length.
    pub estimated: bool,
}

impl Usage {
    /// Input and output together.
    pub fn total(&self) -> u64 {
        self.prompt.saturating_add(self.completion)
    }

    /// Reads a `usage` object in `OpenAI`'s shape, or in one of the dialects of it. `None` when it says nothing.
    pub fn read(usage: &Value) -> Option<Self> {
        let counts: Counts = Counts::deserialize(usage).ok()?;
        counts.usage()
    }

    /// Takes the usage out of a whole answer in the internal form of its operation.
    pub fn of(answer: &mut Value, target: &Target) -> Self {
        match target.call.operation {
            Operation::Images => Self::of_images(answer, target),
            Operation::Rerank => Self::of_ranking(answer, target),
            _ => Self::of_chat(answer, target),
        }
    }

    /// Takes the usage out of a whole chat answer, and makes that answer's own `usage` complete. Where there is
    /// none, the answer says zero (as `LiteLLM` does) and the ledger gets an estimate.
    pub fn of_chat(chat: &mut Value, target: &Target) -> Self {
        let read = chat.get("usage").and_then(Self::read);
        let usage = read.unwrap_or_else(|| Self::guess(target, text_of(chat)));
        if let Some(chat) = chat.as_object_mut() {
            let body = chat.entry("usage").or_insert(Value::Null);
            complete(body);
        }
        usage
    }

    /// An estimate: the prompt from the request's size, the completion from `bytes` bytes of answer.
    pub fn guess(target: &Target, bytes: usize) -> Self {
        let prompt = target.call.estimate.prompt;
        Self { prompt, completion: estimate(bytes), estimated: true, ..Self::default() }
    }
}

/// A rough count of the tokens in a text of `bytes` bytes: four bytes a token, never zero for a text.
pub fn estimate(bytes: usize) -> u64 {
    (bytes as u64).div_ceil(4)
}

/// A `usage` object as providers send it. Every field may be missing or null.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Counts {
    prompt_tokens: Option<f64>,
    completion_tokens: Option<f64>,
    total_tokens: Option<f64>,
    prompt_tokens_details: Option<Details>,
    completion_tokens_details: Option<Details>,
    /// Anthropic's names, which `LiteLLM` repeats beside `OpenAI`'s.
    cache_read_input_tokens: Option<f64>,
    cache_creation_input_tokens: Option<f64>,
    /// `DeepSeek`'s.
    prompt_cache_hit_tokens: Option<f64>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Details {
    cached_tokens: Option<f64>,
    cache_write_tokens: Option<f64>,
    cache_creation_tokens: Option<f64>,
    #[serde(rename = "cache_creation_token_details")]
    creation: Option<CacheCreation>,
    audio_tokens: Option<f64>,
    reasoning_tokens: Option<f64>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct CacheCreation {
    ephemeral_1h_input_tokens: Option<f64>,
}

impl Counts {
    /// The usage, where no count that clients expect is missing.
    pub(crate) fn complete(&self) -> Option<Usage> {
        let all = self.prompt_tokens.and(self.completion_tokens).and(self.total_tokens);
        all.filter(|_| self.prompt_cache_hit_tokens.is_none()).and_then(|_| self.usage())
    }

    fn usage(&self) -> Option<Usage> {
        self.prompt_tokens.or(self.completion_tokens).or(self.total_tokens)?;
        let none = Details::default();
        let input = self.prompt_tokens_details.as_ref().unwrap_or(&none);
        let output = self.completion_tokens_details.as_ref().unwrap_or(&none);
        let creation = input.creation.as_ref();
        let cached = input.cached_tokens.or(self.cache_read_input_tokens).or(self.prompt_cache_hit_tokens);
        let written =
            input.cache_creation_tokens.or(input.cache_write_tokens).or(self.cache_creation_input_tokens);
        // A total alone is at least paid for as input.
        let prompt = match self.prompt_tokens {
            None if self.completion_tokens.is_none() => self.total_tokens,
            given => given,
        };
        Some(Usage {
            prompt: count(prompt),
            completion: count(self.completion_tokens),
            cached: count(cached),
            cache_creation: count(written),
            cache_creation_1h: count(creation.and_then(|c| c.ephemeral_1h_input_tokens)),
            reasoning: count(output.reasoning_tokens),
            audio_prompt: count(input.audio_tokens),
            audio_completion: count(output.audio_tokens),
            ..Usage::default()
        })
    }
}

/// Some providers send `12.0`; none means a fraction of a token.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "clamped to what u64 holds by `as`"
)]
fn count(number: Option<f64>) -> u64 {
    number.unwrap_or_default() as u64
}

/// Fills in what `OpenAI`'s clients expect in a `usage` object.
fn complete(usage: &mut Value) {
    if !usage.is_object() {
        *usage = json!({});
    }
    let Some(map) = usage.as_object_mut() else { return };
    for name in ["completion_tokens", "prompt_tokens", "total_tokens"] {
        if map.get(name).is_none_or(Value::is_null) {
            map.insert(name.into(), json!(0));
        }
    }
    if let Some(hit) = map.get("prompt_cache_hit_tokens").filter(|hit| hit.is_number()).cloned() {
        let details = map.entry("prompt_tokens_details").or_insert(Value::Null);
        match details.as_object_mut() {
            Some(details) => drop(details.insert("cached_tokens".into(), hit)),
            None => *details = json!({ "cached_tokens": hit }),
        }
    }
}

/// Bytes of answer text in a whole answer: content, reasoning and tool arguments.
fn text_of(chat: &Value) -> usize {
    let choices = chat.get("choices").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    choices.iter().map(|choice| tally::text_in(choice.get("message").unwrap_or(choice))).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_dialect_of_usage_is_understood() {
        let usage = |value: Value| Usage::read(&value);
        assert_eq!(usage(json!({})), None);
        assert_eq!(usage(json!({"prompt_tokens": 0, "completion_tokens": 0})), Some(Usage::default()));
        let read = usage(json!({"prompt_tokens": 10, "completion_tokens": 5.0, "prompt_cache_hit_tokens": 4,
            "completion_tokens_details": {"reasoning_tokens": 2, "audio_tokens": null}}));
        assert_eq!(
            read,
            Some(Usage { prompt: 10, completion: 5, cached: 4, reasoning: 2, ..Usage::default() })
        );
        assert_eq!(usage(json!({"total_tokens": 9})), Some(Usage { prompt: 9, ..Usage::default() }));
    }
}

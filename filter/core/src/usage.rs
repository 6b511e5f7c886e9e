//! Token counts of one exchange, in one form for every provider.

use serde::{Deserialize, Serialize};

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
    /// Nothing was reported: the counts are an estimate from the text's length.
    pub estimated: bool,
}

impl Usage {
    /// Input and output together.
    pub fn total(&self) -> u64 {
        self.prompt.saturating_add(self.completion)
    }
}

/// A rough count of the tokens in a text of `bytes` bytes: four bytes a token, never zero for a text.
pub fn estimate(bytes: usize) -> u64 {
    (bytes as u64).div_ceil(4)
}

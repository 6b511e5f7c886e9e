//! What an exchange cost, from its usage and the model's row of the price table.

use crate::usage::Usage;
use serde_json::{Map, Value};

/// US dollars for `usage` at the prices in `facts`, in the provider's standard service tier.
pub fn cost(usage: &Usage, facts: &Map<String, Value>) -> f64 {
    cost_at(usage, facts, "")
}

/// US dollars for `usage` at the prices of a service tier: `flex`, `priority`, …; anything else is the standard one.
pub fn cost_at(usage: &Usage, facts: &Map<String, Value>, tier: &str) -> f64 {
    let prices = Prices { facts, tier, above: threshold(facts, usage.prompt) };
    let input = prices.of("input_cost_per_token").unwrap_or_default();
    let output = prices.of("output_cost_per_token").unwrap_or_default();
    let read = prices.of("cache_read_input_token_cost").unwrap_or_default();
    let written = prices.of("cache_creation_input_token_cost").unwrap_or_default();
    let written_1h = prices.of("cache_creation_input_token_cost_above_1hr").unwrap_or(written);
    let audio_in = prices.of("input_cost_per_audio_token").unwrap_or(input);
    let audio_out = prices.of("output_cost_per_audio_token").unwrap_or(output);
    let reasoning = prices.of("output_cost_per_reasoning_token").unwrap_or(output);

    let created_1h = usage.cache_creation_1h.min(usage.cache_creation);
    let text_in = usage.prompt.saturating_sub(usage.cached + usage.cache_creation + usage.audio_prompt);
    let text_out = usage.completion.saturating_sub(usage.reasoning + usage.audio_completion);
    [
        (text_in, input),
        (usage.cached, read),
        (usage.cache_creation - created_1h, written),
        (created_1h, written_1h),
        (usage.audio_prompt, audio_in),
        (text_out, output),
        (usage.reasoning, reasoning),
        (usage.audio_completion, audio_out),
    ]
    .into_iter()
    .map(|(tokens, price)| dollars(tokens, price))
    .sum()
}

#[expect(clippy::cast_precision_loss, reason = "no exchange has 2^53 tokens")]
fn dollars(tokens: u64, price: f64) -> f64 {
    tokens as f64 * price
}

/// The prices that apply to one exchange.
struct Prices<'a> {
    facts: &'a Map<String, Value>,
    tier: &'a str,
    /// `_above_200k_tokens` where the prompt is that long, or empty.
    above: &'a str,
}

impl Prices<'_> {
    /// The most particular price there is: for the length and tier, for the length, for the tier, for the model.
    fn of(&self, name: &str) -> Option<f64> {
        let price = |key: &str| self.facts.get(key).and_then(Value::as_f64);
        let tier = if self.tier.is_empty() { String::new() } else { format!("_{}", self.tier) };
        let long = format!("{name}{}", self.above);
        price(&format!("{long}{tier}"))
            .or_else(|| price(&long))
            .or_else(|| price(&format!("{name}{tier}")))
            .or_else(|| price(name))
    }
}

/// The suffix of the highest `input_cost_per_token_above_…k_tokens` that a prompt exceeds.
fn threshold(facts: &Map<String, Value>, prompt: u64) -> &str {
    let mut best = (0, "");
    for name in facts.keys() {
        let Some(suffix) = name.strip_prefix("input_cost_per_token") else { continue };
        let limit = suffix.strip_prefix("_above_").and_then(|rest| rest.strip_suffix("k_tokens"));
        let Some(limit) = limit.and_then(|limit| limit.parse::<u64>().ok()) else { continue };
        if prompt > limit * 1000 && limit > best.0 {
            best = (limit, suffix);
        }
    }
    best.1
}

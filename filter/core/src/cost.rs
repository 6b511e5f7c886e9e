//! What an exchange cost, from its usage and the model's row of the price table.

mod units;

use crate::usage::Usage;
use serde_json::{Map, Value};

/// US dollars for `usage` at the prices in `facts`, in the provider's standard service tier.
pub fn cost(usage: &Usage, facts: &Map<String, Value>) -> f64 {
    cost_at(usage, facts, "")
}

/// US dollars for `usage` at the prices of a service tier: `flex`, `priority`, …; anything else is the standard one.
pub fn cost_at(usage: &Usage, facts: &Map<String, Value>, tier: &str) -> f64 {
    whole(Rates::of(facts, usage.prompt, tier).cost(usage), usage, facts)
}

/// US dollars for `usage`, of which `tokens` are for tokens. Images that have a price by the token have no other.
pub fn whole(tokens: f64, usage: &Usage, facts: &Map<String, Value>) -> f64 {
    let drawn = if usage.images > 0 && tokens <= 0.0 { units::images(usage, facts) } else { 0.0 };
    let searched = if usage.search_units > 0 { units::searches(usage, facts) } else { 0.0 };
    tokens + drawn + searched
}

/// US dollars for one token of each kind.
#[derive(Debug, Clone, Copy)]
pub struct Rates {
    input: f64,
    cached: f64,
    cache_creation: f64,
    cache_creation_1h: f64,
    audio_input: f64,
    image_input: f64,
    output: f64,
    reasoning: f64,
    audio_output: f64,
    image_output: f64,
    /// For one character that becomes speech; `None` where speech is paid by tokens.
    character: Option<f64>,
    /// For one second of sound that becomes text.
    second: f64,
}

impl Rates {
    /// The rates in the standard tier, where they are the same for every prompt.
    pub fn flat(facts: &Map<String, Value>) -> Option<Self> {
        let varies = facts.keys().any(|name| name == "tiered_pricing" || name.contains("_above_"));
        (!varies).then(|| Self::of(facts, 0, ""))
    }

    fn of(facts: &Map<String, Value>, prompt: u64, tier: &str) -> Self {
        let facts = bracket(facts, prompt);
        let prices = Prices { facts, tier, above: threshold(facts, prompt) };
        let input = prices.of("input_cost_per_token").unwrap_or_default();
        let output = prices.of("output_cost_per_token").unwrap_or_default();
        let cache_creation = prices.of("cache_creation_input_token_cost").unwrap_or(input);
        Self {
            input,
            cached: prices.of("cache_read_input_token_cost").unwrap_or(input),
            cache_creation,
            cache_creation_1h: prices
                .of("cache_creation_input_token_cost_above_1hr")
                .unwrap_or(cache_creation),
            audio_input: prices.of("input_cost_per_audio_token").unwrap_or(input),
            image_input: prices.of("input_cost_per_image_token").unwrap_or(input),
            output,
            reasoning: prices.of("output_cost_per_reasoning_token").unwrap_or(output),
            audio_output: prices.of("output_cost_per_audio_token").unwrap_or(output),
            image_output: prices.of("output_cost_per_image_token").unwrap_or(output),
            character: prices.of("input_cost_per_character"),
            second: prices
                .of("output_cost_per_second")
                .filter(|price| *price > 0.0)
                .or_else(|| prices.of("input_cost_per_second"))
                .unwrap_or_default(),
        }
    }

    /// US dollars for `usage`.
    pub fn cost(&self, usage: &Usage) -> f64 {
        if let Some(price) = self.character.filter(|_| usage.characters > 0) {
            return dollars(usage.characters, price);
        }
        let created_1h = usage.cache_creation_1h.min(usage.cache_creation);
        let rest =
            |all: u64, others: &[u64]| others.iter().fold(all, |rest, other| rest.saturating_sub(*other));
        let others = [usage.cached, usage.cache_creation, usage.audio_prompt, usage.image_prompt];
        let text_in = rest(usage.prompt, &others);
        let text_out =
            rest(usage.completion, &[usage.reasoning, usage.audio_completion, usage.image_completion]);
        [
            (text_in, self.input),
            (usage.cached, self.cached),
            (usage.cache_creation - created_1h, self.cache_creation),
            (created_1h, self.cache_creation_1h),
            (usage.audio_prompt, self.audio_input),
            (usage.image_prompt, self.image_input),
            (text_out, self.output),
            (usage.reasoning, self.reasoning),
            (usage.audio_completion, self.audio_output),
            (usage.image_completion, self.image_output),
        ]
        .into_iter()
        .map(|(tokens, price)| dollars(tokens, price))
        .sum::<f64>()
            + dollars(usage.audio_ms, self.second) / 1000.0
    }
}

#[expect(clippy::cast_precision_loss, reason = "no exchange has 2^53 of anything")]
fn dollars(count: u64, price: f64) -> f64 {
    count as f64 * price
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
        if self.tier.is_empty() && self.above.is_empty() {
            return price(name);
        }
        let tier = if self.tier.is_empty() { String::new() } else { format!("_{}", self.tier) };
        let long = format!("{name}{}", self.above);
        price(&format!("{long}{tier}"))
            .or_else(|| price(&long))
            .or_else(|| price(&format!("{name}{tier}")))
            .or_else(|| price(name))
    }
}

/// The prices for a prompt of this length, where the row has brackets (`tiered_pricing`) instead of plain prices.
fn bracket(facts: &Map<String, Value>, prompt: u64) -> &Map<String, Value> {
    let brackets =
        facts.get("tiered_pricing").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let end = |bracket: &&Value| bracket.pointer("/range/1").and_then(Value::as_f64);
    #[expect(clippy::cast_precision_loss, reason = "no prompt has 2^53 tokens")]
    let fits = |bracket: &&Value| end(bracket).is_some_and(|end| prompt as f64 <= end);
    let found = brackets.iter().find(fits).or(brackets.last());
    found.and_then(Value::as_object).unwrap_or(facts)
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

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "rounded to whole numbers")]
mod tests {
    use super::*;
    use serde_json::json;

    fn dollars_for(usage: Usage, facts: &Value, tier: &str) -> f64 {
        (cost_at(&usage, facts.as_object().unwrap(), tier) * 1e6).round()
    }

    #[test]
    fn every_kind_of_token_has_its_price_or_the_plain_one() {
        let facts = json!({"input_cost_per_token": 1e-6, "output_cost_per_token": 10e-6,
            "cache_read_input_token_cost": 0.5e-6, "cache_creation_input_token_cost": 2e-6,
            "cache_creation_input_token_cost_above_1hr": 4e-6, "output_cost_per_token_priority": 20e-6});
        let usage = Usage {
            prompt: 1000,
            cached: 200,
            cache_creation: 300,
            cache_creation_1h: 100,
            completion: 10,
            ..Usage::default()
        };
        assert_eq!(dollars_for(usage, &facts, ""), 500.0 + 100.0 + 400.0 + 400.0 + 100.0);
        assert_eq!(
            dollars_for(Usage { prompt: 0, completion: 10, ..Usage::default() }, &facts, "priority"),
            200.0
        );
        assert_eq!(dollars_for(Usage { prompt: 9, cached: 9, ..Usage::default() }, &json!({}), ""), 0.0);
    }

    #[test]
    fn speech_is_paid_by_the_character_or_the_token_and_sound_by_the_second() {
        let spoken = Usage { prompt: 10, characters: 100, ..Usage::default() };
        assert_eq!(dollars_for(spoken, &json!({"input_cost_per_character": 1e-5}), ""), 1000.0);
        assert_eq!(dollars_for(spoken, &json!({"input_cost_per_token": 1e-6}), ""), 10.0);
        let heard = Usage { audio_ms: 1500, ..Usage::default() };
        let facts = json!({"input_cost_per_second": 1e-4, "output_cost_per_second": 0.0});
        assert_eq!(dollars_for(heard, &facts, ""), 150.0);
        let facts = json!({"input_cost_per_second": 1e-4, "output_cost_per_second": 1e-4});
        assert_eq!(dollars_for(heard, &facts, ""), 150.0);
    }

    #[test]
    fn a_long_prompt_pays_the_long_price_for_all_of_it() {
        let facts = json!({"input_cost_per_token": 1e-6, "input_cost_per_token_above_200k_tokens": 2e-6});
        let of = |prompt| dollars_for(Usage { prompt, ..Usage::default() }, &facts, "");
        assert_eq!((of(200_000), of(200_001)), (200_000.0, 400_002.0));
    }
}

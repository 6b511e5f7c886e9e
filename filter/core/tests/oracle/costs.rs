//! What an exchange cost.

use super::{
    case::{Prices, load},
    exceptions,
};
use serde::Deserialize;
use serde_json::{Map, Value};
use tianji_core::{cost::cost_at, usage::Usage};

#[derive(Debug, Deserialize)]
struct Sample {
    id: String,
    model: String,
    litellm_provider: Option<String>,
    mode: Option<String>,
    #[serde(default)]
    service_tier: String,
    usage: Value,
    cost: Option<f64>,
}

/// Every chat and embedding sample costs what was recorded.
pub fn hold(file: &str) {
    let (samples, prices) = (load::<Sample>(file), Prices::load());
    let (mut matched, mut failed) = (0, Vec::new());
    for sample in &samples {
        let Some(expected) = sample.cost else { continue };
        if !matches!(sample.mode.as_deref(), None | Some("chat" | "embedding" | "completion" | "responses")) {
            continue;
        }
        let facts = facts(&prices, sample);
        let usage = Usage::read(&sample.usage).unwrap_or_default();
        let actual = cost_at(&usage, &facts, &sample.service_tier);
        if (actual - expected).abs() <= 1e-9 * expected.abs() {
            matched += 1;
        } else if exceptions::reason(&sample.id).is_none() {
            failed.push(format!("{} expected {expected} got {actual}", sample.id));
        }
    }
    println!("costs: {matched} of {} match, {} do not", samples.len(), failed.len());
    assert!(failed.is_empty(), "{} of {}:\n{}", failed.len(), failed.len() + matched, failed.join("\n"));
}

fn facts(prices: &Prices, sample: &Sample) -> Map<String, Value> {
    let row = |name: &str| prices.0.get(name).and_then(Value::as_object).cloned();
    let provider = sample.litellm_provider.as_deref().unwrap_or_default();
    row(&sample.model).or_else(|| row(&format!("{provider}/{}", sample.model))).unwrap_or_default()
}

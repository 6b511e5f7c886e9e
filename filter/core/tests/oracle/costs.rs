//! What an exchange cost.

use super::{case::Prices, table::Outcome};
use serde::Deserialize;
use serde_json::{Map, Value};
use tianji_core::{cost::cost_at, usage::Usage};

/// Recorded usage of a model and what it cost, in dollars.
#[derive(Debug, Deserialize)]
pub struct Sample {
    pub id: String,
    model: String,
    litellm_provider: Option<String>,
    #[serde(default)]
    service_tier: String,
    usage: Value,
    cost: Option<f64>,
}

/// Whether the sample costs what was recorded. One without a cost only may not panic.
pub fn outcome(sample: &Sample, prices: &Prices) -> Outcome {
    let usage = Usage::read(&sample.usage).unwrap_or_default();
    let actual = cost_at(&usage, &facts(prices, sample), &sample.service_tier);
    let differences = match sample.cost {
        Some(expected) if (actual - expected).abs() > 1e-9 * expected.abs() => {
            vec![format!("expected {expected}, got {actual}")]
        }
        _ => Vec::new(),
    };
    Outcome::of(&sample.id, differences)
}

fn facts(prices: &Prices, sample: &Sample) -> Map<String, Value> {
    let row = |name: &str| prices.0.get(name).and_then(Value::as_object).cloned();
    let provider = sample.litellm_provider.as_deref().unwrap_or_default();
    row(&sample.model).or_else(|| row(&format!("{provider}/{}", sample.model))).unwrap_or_default()
}

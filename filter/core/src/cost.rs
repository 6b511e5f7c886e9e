//! stub
use crate::usage::Usage;
use serde_json::{Map, Value};
/// stub
pub fn cost(usage: &Usage, facts: &Map<String, Value>) -> f64 {
    let price = |name: &str| facts.get(name).and_then(Value::as_f64).unwrap_or(0.0);
    usage.prompt as f64 * price("input_cost_per_token")
        + usage.completion as f64 * price("output_cost_per_token")
}

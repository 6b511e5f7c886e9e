//! What is served when there is no configuration file.

use crate::{
    catalog::{Entry, entry::take_secrets},
    environment::Environment,
};
use serde_json::{Value, json};
use tianji_core::providers;

/// A few models of each provider whose key is usually in the environment. All stand in the price table.
const MODELS: [(&str, &[&str]); 2] = [
    ("anthropic", &["claude-opus-4-8", "claude-sonnet-4-6", "claude-haiku-4-5"]),
    ("openai", &["gpt-5.5", "gpt-5.4-mini", "gpt-4.1", "gpt-4o-mini", "text-embedding-3-small"]),
];

/// The usual models of every provider whose key is set.
pub fn from_environment(env: &Environment) -> Vec<Entry> {
    let keyed = MODELS
        .iter()
        .filter(|(slug, _)| providers::find(slug).is_some_and(|p| env.get(p.facts().key_env).is_some()));
    keyed
        .flat_map(|(slug, models)| models.iter().map(move |model| (slug, model)))
        .map(|(slug, model)| entry(model, json!({"model": format!("{slug}/{model}")}), Value::Null))
        .collect()
}

/// The models of the demo provider at `url`, once in each wire format. Their prices are made up, so that there is
/// spend to look at.
pub fn demo(url: &str) -> Vec<Entry> {
    let info = json!({"input_cost_per_token": 1e-6, "output_cost_per_token": 2e-6, "max_output_tokens": 4096, "mode": "chat"});
    vec![
        entry(
            "demo",
            json!({"model": "openai/demo", "api_base": format!("{url}/v1"), "api_key": "sk-demo"}),
            info.clone(),
        ),
        entry(
            "demo-claude",
            json!({"model": "anthropic/demo-claude", "api_base": url, "api_key": "sk-demo"}),
            info,
        ),
    ]
}

fn entry(name: &str, params: Value, info: Value) -> Entry {
    let object = |value| if let Value::Object(map) = value { map } else { serde_json::Map::new() };
    let mut params = object(params);
    let secrets = take_secrets(&mut params);
    Entry {
        name: name.into(),
        params,
        secrets,
        info: object(info),
        db: false,
        path: format!("the default '{name}'"),
    }
}

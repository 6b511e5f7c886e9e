//! One item of LiteLLM's `model_list`, from wherever it comes.

use crate::{prices, secret::Secret};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// One deployment as it was written down.
#[derive(Debug, Clone, Default)]
pub struct Entry {
    /// `model_name`.
    pub name: String,
    /// `litellm_params` without its credentials.
    pub params: Map<String, Value>,
    /// Its credentials, by parameter name.
    pub secrets: BTreeMap<String, Secret>,
    /// `model_info`.
    pub info: Map<String, Value>,
    /// It comes from the database.
    pub db: bool,
    /// Where it stands, for faults: `model_list[0]`.
    pub path: String,
}

/// Parameters whose value must not be seen: these, and whatever ends as a credential's name does.
const SECRETS: [&str; 6] = ["api_key", "apikey", "aws_access_key_id", "client_secret", "oci_key", "token"];
/// How the names of credentials end.
const ENDINGS: [&str; 8] = [
    "_access_key",
    "_api_key",
    "_credentials",
    "_password",
    "_private_key",
    "_secret",
    "_service_key",
    "_token",
];

/// Whether a parameter is named like a credential.
pub fn is_secret(name: &str) -> bool {
    let ends = ENDINGS.iter().any(|ending| name.ends_with(ending));
    // Prices are by the token, too.
    SECRETS.contains(&name) || ends && !prices::is_price(name)
}

/// Takes the credentials out of `litellm_params`. Those that are `null` are dropped.
pub fn take_secrets(params: &mut Map<String, Value>) -> BTreeMap<String, Secret> {
    let mut secrets = BTreeMap::new();
    let names: Vec<String> = params.keys().filter(|name| is_secret(name)).cloned().collect();
    for name in names {
        let secret = match params.shift_remove(&name) {
            None | Some(Value::Null) => continue,
            Some(Value::String(text)) => Secret::new(text),
            Some(other) => Secret::new(other.to_string()),
        };
        secrets.insert(name, secret);
    }
    secrets
}

impl Entry {
    /// `litellm_params` as it may be shown.
    pub fn shown_params(&self) -> Map<String, Value> {
        let mut shown = self.params.clone();
        for (name, secret) in &self.secrets {
            shown.insert(name.clone(), secret.masked().into());
        }
        shown
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn credentials_are_told_by_their_names() {
        let mut params = json!({"model": "m", "max_tokens": 1, "api_key": "a", "aws_session_token": "b",
            "zen_api_key": "c", "vertex_credentials": {"private_key": "d"}, "client_secret": null,
            "input_cost_per_token": 1, "prompt_cache_key": "k"});
        let secrets = take_secrets(params.as_object_mut().unwrap());
        let names: Vec<&str> = secrets.keys().map(String::as_str).collect();
        assert_eq!(names, ["api_key", "aws_session_token", "vertex_credentials", "zen_api_key"]);
        let left: Vec<&String> = params.as_object().unwrap().keys().collect();
        assert_eq!(left, ["model", "max_tokens", "input_cost_per_token", "prompt_cache_key"]);
    }
}

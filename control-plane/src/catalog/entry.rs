//! One item of LiteLLM's `model_list`, from wherever it comes.

use crate::secret::Secret;
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

/// Parameters whose value must not be seen.
const SECRETS: [&str; 12] = [
    "api_key",
    "aws_access_key_id",
    "aws_secret_access_key",
    "aws_session_token",
    "aws_web_identity_token",
    "azure_ad_token",
    "azure_password",
    "client_secret",
    "oci_key",
    "vertex_ai_credentials",
    "vertex_credentials",
    "watsonx_token",
];

/// Takes the credentials out of `litellm_params`. Those that are `null` are dropped.
pub fn take_secrets(params: &mut Map<String, Value>) -> BTreeMap<String, Secret> {
    let mut secrets = BTreeMap::new();
    for name in SECRETS {
        match params.remove(name) {
            None | Some(Value::Null) => {}
            Some(Value::String(text)) => drop(secrets.insert(name.to_owned(), Secret::new(text))),
            Some(other) => drop(secrets.insert(name.to_owned(), Secret::new(other.to_string()))),
        }
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

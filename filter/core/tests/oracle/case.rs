//! One recorded case, and the price table the deployments take their facts from.

use serde::Deserialize;
use serde_json::{Map, Value};
use std::{env, fs, path::PathBuf};
use tianji_core::{deployment::Deployment, operation::Operation};

/// A recording: of the library (`input`, `deployment`, `output`) or of the proxy (`client_request`,
/// `gateway_response`).
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Case {
    pub id: String,
    pub input: Value,
    pub deployment: Map<String, Value>,
    pub client_request: Value,
    pub gateway_response: Value,
    pub upstream_request: Value,
    pub upstream_response: Value,
    pub output: Value,
    pub error: Value,
    pub usage_estimated: bool,
    quirk: Option<String>,
}

impl Case {
    pub fn is_quirk(&self) -> bool {
        self.quirk.is_some()
    }

    pub fn upstream_url(&self) -> Option<&str> {
        self.upstream_request.get("url")?.as_str()
    }

    /// What the client asked for.
    pub fn operation(&self) -> Operation {
        let is = |surface: &str| self.id.split('/').nth(1) == Some(surface);
        match () {
            () if is("embeddings") => Operation::Embeddings,
            () if is("messages") => Operation::Messages,
            () => Operation::Chat,
        }
    }

    /// The client's body, as either recorder names it.
    pub fn body(&self) -> &Value {
        self.client_request.get("body").unwrap_or(&self.input)
    }

    /// The deployment as the control plane would hand it to the filter.
    pub fn deployment(&self, prices: &Prices) -> Deployment {
        let mut params = self.deployment.clone();
        if params.is_empty() {
            params.insert("model".into(), behind_the_proxy(self.body()).into());
        }
        let text = |value: Option<Value>| value.and_then(|value| value.as_str().map(str::to_owned));
        let full = text(params.remove("model")).unwrap_or_default();
        let (slug, model) = full.split_once('/').unwrap_or(("openai", &full));
        let provider = text(params.remove("custom_llm_provider")).unwrap_or_else(|| slug.to_owned());
        params.remove("api_key");
        Deployment {
            id: "deployment".into(),
            model: model.to_owned(),
            api_base: text(params.remove("api_base")).unwrap_or_default(),
            facts: prices.row(&provider, model),
            provider,
            params,
            ..Deployment::default()
        }
    }
}

/// The recorded proxy's configuration.
fn behind_the_proxy(body: &Value) -> &'static str {
    match body.get("model").and_then(Value::as_str) {
        Some("claude") => "anthropic/claude-sonnet-4-5-20250929",
        Some("gemini") => "gemini/gemini-2.5-flash",
        Some("emb") => "openai/text-embedding-3-small",
        _ => "openai/gpt-4o",
    }
}

/// Model → row of the price table.
pub struct Prices(pub Map<String, Value>);

impl Prices {
    pub fn load() -> Self {
        let path = env::var_os("PRICES").map_or_else(|| fixtures().join("prices.json"), PathBuf::from);
        Self(serde_json::from_slice(&fs::read(path).unwrap()).unwrap())
    }

    /// The row of a model, found as the control plane finds it; empty when there is none.
    fn row(&self, provider: &str, model: &str) -> Map<String, Value> {
        let owner = |row: &&Value| {
            let owner = row.get("litellm_provider").and_then(Value::as_str);
            owner.is_none_or(|owner| {
                owner.strip_prefix(provider).is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
            })
        };
        let row = self.0.get(&format!("{provider}/{model}")).or_else(|| self.0.get(model).filter(owner));
        row.and_then(Value::as_object).cloned().unwrap_or_default()
    }
}

/// The cases of a recording, the full one where the environment leads to it.
pub fn load<T: for<'de> Deserialize<'de>>(file: &str) -> Vec<T> {
    let path = env::var_os("ORACLE").map_or_else(fixtures, PathBuf::from).join(file);
    serde_json::from_slice(&fs::read(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))).unwrap()
}

fn fixtures() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/oracle")
}

//! One recorded case, and the price table the deployments take their facts from.

use serde::Deserialize;
use serde_json::{Map, Value};
use std::{fs, path::Path};
use tianji_core::{deployment::Deployment, operation::Operation, providers};

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
    /// Where one answer took several calls: all of them.
    exchanges: Vec<Value>,
    pub output: Value,
    pub error: Value,
    pub usage_estimated: bool,
    quirk: Option<String>,
}

impl Case {
    pub fn is_quirk(&self) -> bool {
        self.quirk.is_some()
    }

    /// What the client asked for; `None` when that is no operation of ours.
    pub fn operation(&self) -> Option<Operation> {
        match self.id.split('/').nth(1)? {
            "chat" => Some(Operation::Chat),
            "completions" => Some(Operation::Completions),
            "embeddings" => Some(Operation::Embeddings),
            "images" | "images_generations" => Some(Operation::Images),
            "rerank" => Some(Operation::Rerank),
            "moderations" => Some(Operation::Moderations),
            "audio_speech" | "speech" => Some(Operation::Speech),
            "audio_transcriptions" | "transcriptions" => Some(Operation::Transcription),
            "messages" => Some(Operation::Messages),
            "responses" => Some(Operation::Responses),
            _ => None,
        }
    }

    /// What the upstream said in the end.
    pub fn response(&self) -> &Value {
        self.exchanges.last().and_then(|exchange| exchange.get("response")).unwrap_or(&self.upstream_response)
    }

    /// The client's body, as either recorder names it.
    pub fn body(&self) -> &Value {
        let form = || self.client_request.pointer("/multipart/fields");
        self.client_request.get("body").or_else(form).unwrap_or(&self.input)
    }

    /// Where SAP runs what is asked for: `LiteLLM` looks it up, here the deployment says so.
    fn looked_up(&self) -> Option<&str> {
        let (deployment, _) = self.upstream_request["url"].as_str()?.rsplit_once("/v2/")?;
        deployment.contains("/inference/deployments/").then_some(deployment)
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
        params.extend(self.looked_up().map(|url| ("deployment_url".to_owned(), url.into())));
        Deployment {
            id: "deployment".into(),
            model: model.to_owned(),
            api_base: text(params.remove("api_base")).unwrap_or_default(),
            facts: prices.row(&provider, params.get("base_model").and_then(Value::as_str).unwrap_or(model)),
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
        Some("bedrock-nova") => "bedrock/us.amazon.nova-pro-v1:0",
        Some("mistral") => "mistral/mistral-large-latest",
        Some("dalle") => "openai/dall-e-3",
        Some("rerank") => "cohere/rerank-v3.5",
        Some("instruct") => "text-completion-openai/gpt-3.5-turbo-instruct",
        Some("tts") => "openai/tts-1",
        Some("whisper") => "openai/whisper-1",
        Some("emb") => "openai/text-embedding-3-small",
        _ => "openai/gpt-4o",
    }
}

/// Model → row of the price table.
pub struct Prices(pub Map<String, Value>);

impl Prices {
    pub fn load(path: &Path) -> Self {
        Self(read(path))
    }

    /// The row of a model, found as the control plane finds it; empty when there is none.
    fn row(&self, provider: &str, model: &str) -> Map<String, Value> {
        let own = |row: &&Value| {
            let owner = row.get("litellm_provider").and_then(Value::as_str);
            owner.is_none_or(|owner| providers::owns(provider, owner))
        };
        let model = model.strip_prefix(&format!("{provider}/")).unwrap_or(model);
        let names = providers::find(provider).unwrap_or_else(providers::fallback).price_names(model);
        let row = |name: &String| {
            self.0.get(&format!("{provider}/{name}")).or_else(|| self.0.get(name).filter(own))
        };
        names.iter().find_map(row).and_then(Value::as_object).cloned().unwrap_or_default()
    }
}

/// What a file of JSON holds.
pub fn read<T: for<'de> Deserialize<'de>>(path: &Path) -> T {
    let bytes = fs::read(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    serde_json::from_slice(&bytes).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

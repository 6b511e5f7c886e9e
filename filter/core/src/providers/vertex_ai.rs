//! Vertex AI: Google's own models, and those of other vendors in their own formats.
//! <https://cloud.google.com/vertex-ai/generative-ai/docs/reference/rest>
use super::prelude::*;
use crate::wire::gemini;
use serde_json::{Map, Value};
use std::borrow::Cow;

pub struct This;

/// The region of a deployment that names none.
const REGION: &str = "us-central1";

/// The version of Anthropic's API as Vertex knows it.
const ANTHROPIC_VERSION: &str = "vertex-2023-10-16";

impl Provider for This {
    fn facts(&self) -> &'static Facts {
        &Facts {
            slug: "vertex_ai",
            name: "Vertex_ai",
            docs: "https://cloud.google.com/vertex-ai/generative-ai/docs/reference/rest",
            base_url: "https://aiplatform.googleapis.com",
            key_env: "VERTEX_AI_API_KEY",
            base_env: "VERTEXAI_API_BASE",
            auth: Auth::Bearer,
            format: Format::Gemini,
        }
    }

    /// `global` has no region in its name, and continents (`us`, `eu`) have a domain of their own.
    fn home(&self, params: &Map<String, Value>) -> Cow<'static, str> {
        match region(params) {
            "global" => self.facts().base_url.into(),
            continent if !continent.contains('-') => format!("https://aiplatform.{continent}.rep.googleapis.com").into(),
            region => format!("https://{region}-aiplatform.googleapis.com").into(),
        }
    }

    fn format(&self, deployment: &Deployment) -> Format {
        match Publisher::of(&deployment.model) {
            Publisher::Google => Format::Gemini,
            Publisher::Anthropic => Format::Anthropic,
        }
    }

    fn path(&self, target: &Target) -> Option<String> {
        let deployment = target.deployment;
        let base = deployment.base_url().split_once("://").map_or("", |(_, rest)| rest);
        let method = match Publisher::of(&deployment.model) {
            Publisher::Google => gemini::method(target),
            Publisher::Anthropic if target.call.stream => "streamRawPredict",
            Publisher::Anthropic => "rawPredict",
        };
        Some(match base.split_once('/') {
            None => format!("/v1{}:{method}", resource(deployment)),
            Some((_, "v1" | "v1beta1")) => format!("{}:{method}", resource(deployment)),
            // An address of one's own is that of the model.
            Some(_) => format!(":{method}"),
        })
    }

    fn refuses(&self, parameter: &str, deployment: &Deployment) -> bool {
        matches!(parameter, "presence_penalty" | "frequency_penalty") && gemini::is_newer(&deployment.model)
    }

    /// `LiteLLM` has no limit of a Claude that is named with its date, and asks for as little as of an unknown model.
    fn max_tokens(&self, deployment: &Deployment) -> Option<u64> {
        deployment.model.contains('@').then_some(4096)
    }

    /// Errors are Google's, whoever made the model.
    fn error(&self, status: u16, body: &[u8]) -> Option<Error> {
        Some(gemini::error(self.facts(), status, body))
    }

    /// Anthropic's API has the model in the path and its version in the body, and fewer features.
    fn amend(&self, body: &mut Value, headers: &mut Vec<(String, String)>, target: &Target) {
        let Some(body) = body.as_object_mut().filter(|_| self.format(target.deployment) == Format::Anthropic) else {
            return;
        };
        body.shift_remove("model");
        body.insert("anthropic_version".into(), ANTHROPIC_VERSION.into());
        let asked = headers.iter().position(|(name, _)| name == "anthropic-beta").map(|at| headers.swap_remove(at).1);
        let mut betas: Vec<&str> = asked.iter().flat_map(|asked| asked.split(',')).filter_map(beta).collect();
        if !betas.is_empty() {
            body.insert("anthropic_beta".into(), betas.clone().into());
        }
        let tools = body.get("tools").and_then(Value::as_array).into_iter().flatten();
        let mut kinds = tools.filter_map(|tool| tool.get("type")?.as_str());
        if kinds.any(|kind| kind.starts_with("web_search")) && !betas.contains(&WEB_SEARCH) {
            betas.push(WEB_SEARCH);
        }
        if !betas.is_empty() {
            headers.push(("anthropic-beta".into(), betas.join(",")));
        }
    }
}

/// The one feature that Vertex wants to be asked for.
const WEB_SEARCH: &str = "web-search-2025-03-05";

/// The features of Anthropic's API that Vertex has. Sorted.
const BETAS: [&str; 12] = [
    "compact-2026-01-12",
    "computer-use-2025-01-24",
    "computer-use-2025-11-24",
    "context-1m-2025-08-07",
    "context-management-2025-06-27",
    "dangerous-tool-use-2026-09-03",
    "inline-tools-2026-09-15",
    "interleaved-thinking-2025-05-14",
    "per-turn-control-2026-07-01",
    "thinking-binding-controls-2026-08-01",
    "thinking-display-updates-2026-08-18",
    WEB_SEARCH,
];

/// Vertex's name for a feature, if it has it.
fn beta(name: &str) -> Option<&'static str> {
    match name.trim() {
        "advanced-tool-use-2025-11-20" | "tool-search-tool-2025-10-19" => Some("tool-search-tool-2025-10-19"),
        name => BETAS.binary_search(&name).ok().and_then(|at| BETAS.get(at)).copied(),
    }
}

/// Whose model it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Publisher {
    Google,
    Anthropic,
}

impl Publisher {
    fn of(model: &str) -> Self {
        if model.to_lowercase().contains("claude") { Self::Anthropic } else { Self::Google }
    }
}

fn setting<'a>(params: &'a Map<String, Value>, names: &[&str]) -> Option<&'a str> {
    names.iter().find_map(|name| params.get(*name)?.as_str()).filter(|value| !value.is_empty())
}

fn region(params: &Map<String, Value>) -> &str {
    setting(params, &["vertex_location", "vertex_ai_location", "region_name"]).unwrap_or(REGION)
}

/// The model's name among all of Google's resources. A model that was tuned is an endpoint with a number.
fn resource(deployment: &Deployment) -> String {
    let params = &deployment.params;
    let project = setting(params, &["vertex_project", "vertex_ai_project", "project"]).unwrap_or_default();
    let place = format!("/projects/{project}/locations/{}", region(params));
    let model = deployment.model.rsplit_once("gemini/").map_or(deployment.model.as_str(), |(_, tuned)| tuned);
    match Publisher::of(model) {
        Publisher::Anthropic => format!("{place}/publishers/anthropic/models/{model}"),
        Publisher::Google if model.bytes().all(|b| b.is_ascii_digit()) => format!("{place}/endpoints/{model}"),
        Publisher::Google => format!("{place}/publishers/google/models/{model}"),
    }
}

//! Vertex AI: Google's own models, and those of other vendors in their own formats.
//! <https://cloud.google.com/vertex-ai/generative-ai/docs/reference/rest>
mod claude;
mod publishers;

use super::prelude::*;
use crate::wire::gemini;
use publishers::Publisher;
use serde_json::{Map, Value};
use std::borrow::Cow;

pub struct This;

/// The region of a deployment that names none.
const REGION: &str = "us-central1";

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

    fn format(&self, deployment: &Deployment) -> Format {
        Publisher::of(&deployment.model).format()
    }

    /// `global` has no region in its name, and continents (`us`, `eu`) have a domain of their own.
    fn base_url(&self, model: &str, params: &Map<String, Value>) -> Cow<'static, str> {
        match region(model, params) {
            "global" => self.facts().base_url.into(),
            continent if !continent.contains('-') => {
                format!("https://aiplatform.{continent}.rep.googleapis.com").into()
            }
            region => format!("https://{region}-aiplatform.googleapis.com").into(),
        }
    }

    fn path(&self, target: &Target) -> Option<String> {
        let (model, params) = (target.deployment.model.as_str(), &target.deployment.params);
        let publisher = Publisher::of(model);
        let below = publisher.path(model, target);
        let project = setting(params, &["vertex_project", "vertex_ai_project", "project"]).unwrap_or_default();
        let place = format!("/projects/{project}/locations/{}", region(model, params));
        let base = target.deployment.base_url();
        let base = base.split_once("://").map_or("", |(_, rest)| rest);
        Some(match base.split_once('/') {
            None => format!("/{}{place}{below}", publisher.version()),
            Some((_, "v1" | "v1beta1")) => format!("{place}{below}"),
            // An address of one's own is that of the model.
            Some(_) => below.rsplit_once(':').map_or_else(String::new, |(_, method)| format!(":{method}")),
        })
    }

    fn takes(&self, parameter: &str, deployment: &Deployment) -> bool {
        Publisher::of(&deployment.model).takes(parameter, &deployment.model)
    }

    /// Errors are Google's, whoever made the model.
    fn error(&self, status: u16, body: &[u8]) -> Option<Error> {
        Some(gemini::error(self.facts(), status, body))
    }

    /// `LiteLLM` has no limit of a Claude that is named with its date, and asks for as little as of an unknown model.
    fn max_tokens(&self, deployment: &Deployment) -> Option<u64> {
        deployment.model.contains('@').then_some(4096)
    }

    /// Gemini fetches what has a type; the address has to tell.
    fn fetches(&self, url: &str, deployment: &Deployment) -> bool {
        match self.format(deployment) {
            Format::Gemini => gemini::is_uploaded(url) || url.starts_with("https://") && gemini::has_type(url),
            Format::Anthropic => false,
            _ => true,
        }
    }

    fn tells_cost(&self, deployment: &Deployment) -> bool {
        match Publisher::of(&deployment.model) {
            Publisher::Open => deployment.model.contains("llama"),
            publisher => publisher.format().wire().tells_cost(),
        }
    }

    fn amends(&self) -> bool {
        true
    }

    fn amend(
        &self,
        body: &mut Map<String, Value>,
        headers: &mut Vec<(String, String)>,
        target: &Target,
    ) -> Result<(), Error> {
        match self.format(target.deployment) {
            Format::Anthropic => {
                claude::amend(body, headers, target.call.operation);
                Ok(())
            }
            Format::OpenAi => Publisher::of(&target.deployment.model).amend(body, target),
            _ => Ok(()),
        }
    }

    fn hides(&self, deployment: &Deployment, streamed: bool) -> Option<&'static str> {
        let publisher = Publisher::of(&deployment.model);
        let open = publisher == Publisher::Open && !deployment.model.starts_with(publishers::GPT_OSS);
        let hidden = open || streamed && publisher.format() == Format::OpenAi;
        hidden.then_some("system_fingerprint")
    }
}

/// The first of some settings that is given.
fn setting<'a>(params: &'a Map<String, Value>, names: &[&str]) -> Option<&'a str> {
    names.iter().find_map(|name| params.get(*name)?.as_str()).filter(|value| !value.is_empty())
}

fn region<'a>(model: &str, params: &'a Map<String, Value>) -> &'a str {
    let given = setting(params, &["vertex_location", "vertex_ai_location", "region_name"]);
    Publisher::of(model).region(model).or(given).unwrap_or(REGION)
}

//! Vertex AI: Google's own models, and those of other vendors in their own formats.
//! <https://cloud.google.com/vertex-ai/generative-ai/docs/reference/rest>
mod claude;
mod publishers;

use super::prelude::*;
use crate::wire::gemini;
use publishers::Publisher;

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
            tokens: Tokens::Google,
            auth: Auth::Bearer,
            format: Format::Gemini,
            draws: &["n", "size"],
            ..Facts::OPENAI
        }
    }

    fn format(&self, deployment: &Deployment) -> Format {
        Publisher::of(&deployment.model).format()
    }

    /// Only Google's own models draw and rank.
    fn format_for(&self, deployment: &Deployment, operation: Operation) -> Format {
        let format = self.format(deployment);
        match operation {
            Operation::Images if format == Format::Gemini => gemini::painter(&deployment.model),
            Operation::Rerank if format == Format::Gemini => Format::DiscoveryRerank,
            _ => format,
        }
    }

    /// `global` has no region in its name, and continents (`us`, `eu`) have a domain of their own.
    fn base_url(&self, model: &str, params: &Map<String, Value>) -> Cow<'static, str> {
        match region(model, params) {
            _ if model.contains("ranker") => "https://discoveryengine.googleapis.com".into(),
            _ if Publisher::of(model) == Publisher::Speaker => "https://texttospeech.googleapis.com".into(),
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
        if publisher == Publisher::Speaker {
            return Some(format!("/{}{below}", publisher.version())); // of no project and no region
        }
        let project =
            setting(params, &["vertex_project", "vertex_ai_project", "project"]).unwrap_or_default();
        let place = format!("/projects/{project}/locations/{}", region(model, params));
        let base = target.deployment.base_url();
        let base = base.split_once("://").map_or("", |(_, rest)| rest);
        Some(match base.split_once('/') {
            None => format!("/{}{place}{below}", publisher.version()),
            Some((_, "v1" | "v1beta1")) => format!("{place}{below}"),
            // An address of one's own is that of the model.
            Some(_) => match below.rsplit_once(':') {
                Some((_, method)) => format!(":{method}"),
                None => "/chat/completions".into(),
            },
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
    fn fetches(&self, deployment: &Deployment) -> Fetches {
        match self.format(deployment) {
            Format::Gemini => Fetches::Only(|url| {
                gemini::is_uploaded(url) || url.starts_with("https://") && gemini::has_type(url)
            }),
            Format::Anthropic => Fetches::Nothing,
            _ => Fetches::Everything,
        }
    }

    fn tells_cost(&self, deployment: &Deployment) -> bool {
        match Publisher::of(&deployment.model) {
            Publisher::Open => deployment.model.contains("llama"),
            publisher => publisher.format().wire().tells_cost(),
        }
    }

    fn amends(&self, _deployment: &Deployment) -> bool {
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
            Format::Gemini if target.format() == Format::GeminiImages => {
                draw_only(body);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn hides(&self, deployment: &Deployment, streamed: bool) -> Option<&'static str> {
        let publisher = Publisher::of(&deployment.model);
        let open = publisher == Publisher::Open && !deployment.model.starts_with(publishers::GPT_OSS);
        let hidden = open || streamed && publisher.format() == Format::OpenAi;
        hidden.then_some("system_fingerprint")
    }

    /// Where it is, is said once more. What it draws has no size.
    fn fit_images(&self, asked: &mut Map<String, Value>, target: &Target) -> Result<(), Error> {
        images::admit(asked, target, |name| self.draws(name, target.deployment))?;
        if target.format() == Format::Imagen {
            asked.shift_remove("imageSize");
            asked.entry("sampleCount").or_insert_with(|| 1.into());
            for place in ["vertex_project", "vertex_location"] {
                let set = target.deployment.params.get_key_value(place);
                asked.extend(set.map(|(name, value)| (name.clone(), value.clone())));
            }
        }
        Ok(())
    }
}

/// A turn is somebody's here, and a model that is to draw need not talk.
fn draw_only(body: &mut Map<String, Value>) {
    for content in body.get_mut("contents").and_then(Value::as_array_mut).into_iter().flatten() {
        if let Value::Object(content) = content {
            content.insert("role".into(), "user".into());
        }
    }
    if let Some(Value::Object(config)) = body.get_mut("generationConfig") {
        config.shift_remove("response_modalities");
        config.insert("responseModalities".into(), json!(["IMAGE"]));
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{call::Call, operation::Operation, translate};
    use serde_json::json;

    fn deployment(model: &str) -> Deployment {
        let params = json!({ "vertex_project": "p", "vertex_location": "us-east5" });
        Deployment {
            provider: "vertex_ai".into(),
            model: model.into(),
            params: serde_json::from_value(params).unwrap(),
            ..Deployment::default()
        }
    }

    #[test]
    fn a_region_has_its_own_address() {
        let at = |region: &str| {
            This.base_url("gemini-2.5-pro", json!({ "vertex_location": region }).as_object().unwrap())
        };
        assert_eq!(at("global"), "https://aiplatform.googleapis.com");
        assert_eq!(at("eu"), "https://aiplatform.eu.rep.googleapis.com");
        assert_eq!(at("europe-west4"), "https://europe-west4-aiplatform.googleapis.com");
        assert_eq!(at(""), "https://us-central1-aiplatform.googleapis.com");
        assert_eq!(This.base_url("qwen/qwen3", &Map::new()), "https://aiplatform.googleapis.com");
    }

    #[test]
    fn every_publisher_has_its_format() {
        let format = |model: &str| This.format(&deployment(model));
        assert_eq!(format("gemini-2.5-pro"), Format::Gemini);
        assert_eq!(format("gemini/1234567890"), Format::Gemini);
        assert_eq!(format("claude-sonnet-4-5@20250929"), Format::Anthropic);
        assert_eq!(format("meta/llama-4-scout-17b-16e-instruct-maas"), Format::OpenAi);
        assert_eq!(format("openai/1234567890"), Format::OpenAi);
        assert_eq!(format("gemini-embedding-001"), Format::Predict);
    }

    #[test]
    fn claude_is_asked_in_vertexs_words() {
        let request = |operation: Operation, body: serde_json::Value| {
            let mut call = Call::parse(operation, body.to_string().into_bytes()).unwrap();
            call.betas = "files-api-2025-04-14,interleaved-thinking-2025-05-14".into();
            translate::request(&call, &deployment("claude-opus-4-6")).unwrap()
        };
        let body = json!({ "model": "m", "max_tokens": 9, "messages": [], "stream": true,
            "tools": [{ "type": "web_search_20250305", "name": "web_search" }] });
        let asked = request(Operation::Messages, body);
        let place = "/v1/projects/p/locations/us-east5/publishers/anthropic/models";
        assert_eq!(asked.path, format!("{place}/claude-opus-4-6:streamRawPredict"));
        let betas = "interleaved-thinking-2025-05-14,web-search-2025-03-05";
        assert_eq!(asked.headers, [("anthropic-beta".to_owned(), betas.to_owned())]);
        let body: serde_json::Value = serde_json::from_slice(&asked.body).unwrap();
        assert_eq!(body["anthropic_beta"], json!(["interleaved-thinking-2025-05-14"]));
        assert!(body.get("model").is_none() && body["anthropic_version"] == "vertex-2023-10-16");
        let counted = request(Operation::CountTokens, json!({ "model": "m", "messages": [] }));
        assert_eq!(counted.path, format!("{place}/count-tokens:rawPredict"));
        assert!(String::from_utf8(counted.body).unwrap().contains("claude-opus-4-6"));
    }
}

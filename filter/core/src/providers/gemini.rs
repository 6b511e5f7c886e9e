//! Google AI Studio. <https://ai.google.dev/api>
use super::prelude::*;
use crate::wire::gemini;

pub struct This;

impl Provider for This {
    fn facts(&self) -> &'static Facts {
        &Facts {
            slug: "gemini",
            name: "Gemini",
            docs: "https://ai.google.dev/api",
            base_url: "https://generativelanguage.googleapis.com",
            key_env: "GEMINI_API_KEY",
            base_env: "GEMINI_API_BASE",
            auth: Auth::Header("x-goog-api-key"),
            format: Format::Gemini,
            ..Facts::OPENAI
        }
    }

    /// New models are served by a newer version of the API. An address of one's own says its version itself.
    fn path(&self, target: &Target) -> Option<String> {
        let (deployment, method) = (target.deployment, gemini::method(target));
        let chat = target.call.operation != Operation::Embeddings;
        let version = match deployment.at_home() && *deployment.base_url() == *self.facts().base_url {
            true if chat && gemini::is_newer(&deployment.model) => "/v1alpha",
            true => "/v1beta",
            false => "",
        };
        Some(format!("{version}/models/{}:{method}", deployment.model))
    }

    /// Only what was uploaded to its own Files API.
    fn fetches(&self, _deployment: &Deployment) -> Fetches {
        Fetches::Only(gemini::is_uploaded)
    }

    fn takes(&self, parameter: &str, deployment: &Deployment) -> bool {
        match parameter {
            "labels" | "top_logprobs" => false,
            "audio" => deployment.model.contains("tts"),
            _ => true,
        }
    }
}

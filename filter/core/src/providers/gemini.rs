//! Google AI Studio. <https://ai.google.dev/api>
use super::prelude::*;
use crate::wire::gemini;

pub struct This;

/// What models that draw take beside these: in Google's own words, or as `OpenAI`'s latest do.
/// <https://ai.google.dev/gemini-api/docs/imagen#imagen-configuration>
const DRAWS: [&str; 11] = [
    "aspectRatio",
    "background",
    "candidateCount",
    "imageConfig",
    "imageSize",
    "input_fidelity",
    "moderation",
    "output_compression",
    "output_format",
    "personGeneration",
    "sampleCount",
];

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
            draws: &["n", "size"],
            ..Facts::OPENAI
        }
    }

    /// New models are served by a newer version of the API. An address of one's own says its version itself.
    fn path(&self, target: &Target) -> Option<String> {
        let (deployment, method) = (target.deployment, gemini::method(target));
        let chat = !matches!(target.call.operation, Operation::Embeddings | Operation::Images);
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

    fn format_for(&self, deployment: &Deployment, operation: Operation) -> Format {
        match operation {
            Operation::Images => gemini::painter(&deployment.model),
            _ => self.usual_format(deployment, operation),
        }
    }

    /// It refuses what it does not know.
    fn fit_images(&self, asked: &mut Map<String, Value>, target: &Target) -> Result<(), Error> {
        images::admit(asked, target, |name| self.draws(name, target.deployment))?;
        asked.retain(|name, _| self.facts().draws.contains(&name.as_str()) || DRAWS.contains(&name.as_str()));
        Ok(())
    }
}

//! Mistral's server for code, filling in the middle. <https://docs.mistral.ai/api/#tag/fim>
use super::prelude::*;

pub struct This;

impl Provider for This {
    fn facts(&self) -> &'static Facts {
        &Facts {
            slug: "text-completion-codestral",
            name: "Codestral",
            docs: "https://docs.mistral.ai/api/#tag/fim",
            base_url: "https://codestral.mistral.ai/v1",
            key_env: "CODESTRAL_API_KEY",
            base_env: "CODESTRAL_API_BASE",
            format: Format::Completions,
            takes: &[BASIC, &["seed", "stop"]],
            renames: &[("max_completion_tokens", "max_tokens"), ("seed", "random_seed")],
            ..Facts::OPENAI
        }
    }

    fn path(&self, _target: &Target) -> Option<String> {
        Some("/fim/completions".into())
    }
}

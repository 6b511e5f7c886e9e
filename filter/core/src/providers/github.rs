//! `GitHub` Models. <https://docs.github.com/en/rest/models/inference>
use super::prelude::*;

pub struct This;

impl Provider for This {
    fn facts(&self) -> &'static Facts {
        &Facts {
            slug: "github",
            name: "Github",
            docs: "https://docs.github.com/en/rest/models/inference",
            base_url: "https://models.inference.ai.azure.com",
            key_env: "GITHUB_API_KEY",
            base_env: "GITHUB_API_BASE",
            renames: &[("max_completion_tokens", "max_tokens")],
            ..Facts::OPENAI
        }
    }
}

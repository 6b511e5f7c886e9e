//! `GitHub` Copilot. <https://docs.github.com/en/copilot>
use super::prelude::*;

pub struct This;

impl Provider for This {
    fn facts(&self) -> &'static Facts {
        &Facts {
            slug: "github_copilot",
            name: "Github_copilot",
            docs: "https://docs.github.com/en/copilot",
            base_url: "https://api.githubcopilot.com",
            key_env: "GITHUB_COPILOT_API_KEY",
            base_env: "GITHUB_COPILOT_API_BASE",
            ..Facts::OPENAI
        }
    }
}

//! Nebius. <https://docs.nebius.com/studio/inference/api>
use super::prelude::*;

pub struct This;

impl Provider for This {
    fn facts(&self) -> &'static Facts {
        &Facts {
            slug: "nebius",
            name: "Nebius",
            docs: "https://docs.nebius.com/studio/inference/api",
            base_url: "https://api.studio.nebius.ai/v1",
            key_env: "NEBIUS_API_KEY",
            base_env: "NEBIUS_API_BASE",
            renames: &[("max_completion_tokens", "max_tokens")],
            completes: true,
            ..Facts::OPENAI
        }
    }
}

//! Poe. <https://creator.poe.com/docs/external-applications/openai-compatible-api>
use super::prelude::*;

pub struct This;

impl Provider for This {
    fn facts(&self) -> &'static Facts {
        &Facts {
            slug: "poe",
            name: "Poe",
            docs: "https://creator.poe.com/docs/external-applications/openai-compatible-api",
            base_url: "https://api.poe.com/v1",
            key_env: "POE_API_KEY",
            base_env: "",
            gated: &[("supports_function_calling", ALL_TOOLS)],
            renames: &[("max_completion_tokens", "max_tokens")],
            completes: true,
            ..Facts::OPENAI
        }
    }
}

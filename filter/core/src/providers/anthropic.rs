//! Anthropic. <https://docs.anthropic.com/en/api>
use super::prelude::*;

pub struct This;

impl Provider for This {
    fn facts(&self) -> &'static Facts {
        &Facts {
            slug: "anthropic",
            name: "Anthropic",
            docs: "https://docs.anthropic.com/en/api",
            base_url: "https://api.anthropic.com",
            key_env: "ANTHROPIC_API_KEY",
            base_env: "ANTHROPIC_BASE_URL",
            auth: Auth::Header("x-api-key"),
            format: Format::Anthropic,
            takes: &[TEXT, ALL_TOOLS, REASONING, &["user", "verbosity"]],
            ..Facts::OPENAI
        }
    }
}

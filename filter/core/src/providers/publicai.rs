//! Public AI. <https://platform.publicai.co/docs>
use super::prelude::*;

pub struct This;

impl Provider for This {
    fn facts(&self) -> &'static Facts {
        &Facts {
            slug: "publicai",
            name: "Publicai",
            docs: "https://platform.publicai.co/docs",
            base_url: "https://api.publicai.co/v1",
            key_env: "PUBLICAI_API_KEY",
            base_env: "PUBLICAI_API_BASE",
            gated: &[("supports_function_calling", ALL_TOOLS)],
            renames: &[("max_completion_tokens", "max_tokens")],
            messages: Rules { content: Content::Text, ..Rules::PLAIN },
            completes: true,
            ..Facts::OPENAI
        }
    }
}

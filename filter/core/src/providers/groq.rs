//! Groq. <https://console.groq.com/docs/api-reference>
use super::prelude::*;

pub struct This;

impl Provider for This {
    fn facts(&self) -> &'static Facts {
        &Facts {
            slug: "groq",
            name: "Groq",
            docs: "https://console.groq.com/docs/api-reference",
            base_url: "https://api.groq.com/openai/v1",
            key_env: "GROQ_API_KEY",
            base_env: "GROQ_API_BASE",
            takes: &[TEXT, ALL_TOOLS, &["reasoning_effort"]],
            gated: &[("supports_reasoning", &["reasoning_effort"])],
            renames: &[("max_completion_tokens", "max_tokens")],
            ..Facts::OPENAI
        }
    }
}

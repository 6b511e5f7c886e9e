//! Mistral. <https://docs.mistral.ai/api/>
use super::prelude::*;

pub struct This;

impl Provider for This {
    fn facts(&self) -> &'static Facts {
        &Facts {
            slug: "mistral",
            name: "Mistral",
            docs: "https://docs.mistral.ai/api/",
            base_url: "https://api.mistral.ai/v1",
            key_env: "MISTRAL_API_KEY",
            base_env: "MISTRAL_API_BASE",
            takes: &[BASIC, TOOLS, REASONING, &["parallel_tool_calls", "response_format", "seed", "stop"]],
            gated: &[("supports_reasoning", REASONING)],
            renames: &[("max_completion_tokens", "max_tokens"), ("seed", "random_seed")],
            ..Facts::OPENAI
        }
    }
}

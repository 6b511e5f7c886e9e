//! Cerebras. <https://inference-docs.cerebras.ai/api-reference/chat-completions>
use super::prelude::*;

pub struct This;

impl Provider for This {
    fn facts(&self) -> &'static Facts {
        &Facts {
            slug: "cerebras",
            name: "Cerebras",
            docs: "https://inference-docs.cerebras.ai/api-reference/chat-completions",
            base_url: "https://api.cerebras.ai/v1",
            key_env: "CEREBRAS_API_KEY",
            base_env: "CEREBRAS_API_BASE",
            takes: &[BASIC, TOOLS, &["reasoning_effort", "response_format", "seed", "stop", "user"]],
            renames: &[("max_completion_tokens", "max_tokens")],
            gated: &[("supports_reasoning", &["reasoning_effort"])],
            ..Facts::OPENAI
        }
    }
}

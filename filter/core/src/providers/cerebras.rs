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
            takes: &[BASIC, TOOLS, &["response_format", "seed", "stop", "user"]],
            ..Facts::OPENAI
        }
    }
}

//! `NanoGPT`. <https://docs.nano-gpt.com/api-reference/endpoint/chat-completion>
use super::prelude::*;

pub struct This;

impl Provider for This {
    fn facts(&self) -> &'static Facts {
        &Facts {
            slug: "nano-gpt",
            name: "Nano-gpt",
            docs: "https://docs.nano-gpt.com/api-reference/endpoint/chat-completion",
            base_url: "https://nano-gpt.com/api/v1",
            key_env: "NANOGPT_API_KEY",
            base_env: "",
            gated: &[("supports_function_calling", ALL_TOOLS)],
            renames: &[("max_completion_tokens", "max_tokens")],
            completes: true,
            ..Facts::OPENAI
        }
    }
}

//! Z.AI. <https://docs.z.ai/api-reference/llm/chat-completion>
use super::prelude::*;

pub struct This;

impl Provider for This {
    fn facts(&self) -> &'static Facts {
        &Facts {
            slug: "zai",
            name: "Zai",
            docs: "https://docs.z.ai/api-reference/llm/chat-completion",
            base_url: "https://api.z.ai/api/paas/v4",
            key_env: "ZAI_API_KEY",
            base_env: "ZAI_API_BASE",
            takes: &[
                TOOLS,
                &["max_tokens", "stop", "stream", "stream_options", "temperature", "thinking", "top_p"],
            ],
            gated: &[("supports_reasoning", &["thinking"])],
            messages: Rules { cache_control: true, ..Rules::PLAIN },
            ..Facts::OPENAI
        }
    }
}

//! Fireworks. <https://docs.fireworks.ai/api-reference/post-chatcompletions>
use super::prelude::*;

pub struct This;

impl Provider for This {
    fn facts(&self) -> &'static Facts {
        &Facts {
            slug: "fireworks_ai",
            name: "Fireworks_ai",
            docs: "https://docs.fireworks.ai/api-reference/post-chatcompletions",
            base_url: "https://api.fireworks.ai/inference/v1",
            key_env: "FIREWORKS_AI_API_KEY",
            base_env: "FIREWORKS_API_BASE",
            takes: &[BASIC, PENALTIES, PROBABILITIES, &["n", "parallel_tool_calls", "prediction", "prompt_cache_key", "reasoning_effort", "response_format", "seed", "service_tier", "stop", "stream_options", "thinking", "tool_choice", "tools", "user"]],
            renames: &[("max_completion_tokens", "max_tokens")],
            gated: &[("supports_reasoning", REASONING)],
            ..Facts::OPENAI
        }
    }
}

//! `xAI`. <https://docs.x.ai/docs/api-reference>
use super::prelude::*;

pub struct This;

impl Provider for This {
    fn facts(&self) -> &'static Facts {
        &Facts {
            slug: "xai",
            name: "Xai",
            docs: "https://docs.x.ai/docs/api-reference",
            base_url: "https://api.x.ai/v1",
            key_env: "XAI_API_KEY",
            base_env: "XAI_API_BASE",
            takes: &[BASIC, TOOLS, PENALTIES, PROBABILITIES, &["n", "parallel_tool_calls", "reasoning_effort", "response_format", "seed", "stop", "stream_options", "user", "web_search_options"]],
            gated: &[("supports_reasoning", &["reasoning_effort"])],
            ..Facts::OPENAI
        }
    }
}

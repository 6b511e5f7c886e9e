//! `OpenRouter`. <https://openrouter.ai/docs/api-reference/overview>
use super::prelude::*;

pub struct This;

impl Provider for This {
    fn facts(&self) -> &'static Facts {
        &Facts {
            slug: "openrouter",
            name: "Openrouter",
            docs: "https://openrouter.ai/docs/api-reference/overview",
            base_url: "https://openrouter.ai/api/v1",
            key_env: "OPENROUTER_API_KEY",
            base_env: "OPENROUTER_API_BASE",
            headers: &[("http-referer", "https://litellm.ai"), ("x-title", "liteLLM")],
            takes: &[TEXT, ALL_TOOLS, REASONING],
            messages: Rules { cache_control: true, ..Rules::PLAIN },
            ..Facts::OPENAI
        }
    }
}

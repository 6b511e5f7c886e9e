//! AI21. <https://docs.ai21.com/reference/jamba-1-6-api-ref>
use super::prelude::*;

pub struct This;

pub(super) const FACTS: Facts = Facts {
    slug: "ai21_chat",
    name: "Ai21_chat",
    docs: "https://docs.ai21.com/reference/jamba-1-6-api-ref",
    base_url: "https://api.ai21.com/studio/v1",
    key_env: "AI21_API_KEY",
    base_env: "AI21_API_BASE",
    takes: &[
        TOOLS,
        &[
            "max_completion_tokens",
            "max_tokens",
            "n",
            "response_format",
            "seed",
            "stop",
            "stream",
            "temperature",
        ],
    ],
    ..Facts::OPENAI
};

impl Provider for This {
    fn facts(&self) -> &'static Facts {
        &FACTS
    }
}

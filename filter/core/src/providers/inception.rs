//! Inception. <https://docs.inceptionlabs.ai/>
use super::prelude::*;

pub struct This;

impl Provider for This {
    fn facts(&self) -> &'static Facts {
        &Facts {
            slug: "inception",
            name: "Inception",
            docs: "https://docs.inceptionlabs.ai/",
            base_url: "https://api.inceptionlabs.ai/v1",
            key_env: "INCEPTION_API_KEY",
            base_env: "INCEPTION_API_BASE",
            takes: &[
                TOOLS,
                &[
                    "max_completion_tokens",
                    "max_tokens",
                    "reasoning_effort",
                    "response_format",
                    "stop",
                    "stream",
                    "stream_options",
                    "temperature",
                ],
            ],
            renames: &[("max_completion_tokens", "max_tokens")],
            ..Facts::OPENAI
        }
    }
}

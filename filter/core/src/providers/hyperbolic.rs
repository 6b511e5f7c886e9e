//! Hyperbolic. <https://docs.hyperbolic.xyz/docs/rest-api>
use super::prelude::*;

pub struct This;

impl Provider for This {
    fn facts(&self) -> &'static Facts {
        &Facts {
            slug: "hyperbolic",
            name: "Hyperbolic",
            docs: "https://docs.hyperbolic.xyz/docs/rest-api",
            base_url: "https://api.hyperbolic.xyz/v1",
            key_env: "HYPERBOLIC_API_KEY",
            base_env: "HYPERBOLIC_API_BASE",
            takes: &[
                TOOLS,
                PENALTIES,
                &[
                    "max_tokens",
                    "n",
                    "response_format",
                    "seed",
                    "stop",
                    "stream",
                    "temperature",
                    "top_p",
                    "user",
                ],
            ],
            completes: true,
            ..Facts::OPENAI
        }
    }
}

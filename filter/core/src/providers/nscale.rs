//! Nscale. <https://docs.nscale.com/docs/inference/chat>
use super::prelude::*;

pub struct This;

impl Provider for This {
    fn facts(&self) -> &'static Facts {
        &Facts {
            slug: "nscale",
            name: "Nscale",
            docs: "https://docs.nscale.com/docs/inference/chat",
            base_url: "https://inference.api.nscale.com/v1",
            key_env: "NSCALE_API_KEY",
            base_env: "NSCALE_API_BASE",
            takes: &[
                PENALTIES,
                PROBABILITIES,
                &["max_tokens", "n", "response_format", "stop", "stream", "temperature", "top_p"],
            ],
            ..Facts::OPENAI
        }
    }
}

//! `DigitalOcean`'s Gradient. <https://docs.digitalocean.com/products/gradient-ai-platform/reference/api/>
use super::prelude::*;

pub struct This;

impl Provider for This {
    fn facts(&self) -> &'static Facts {
        &Facts {
            slug: "gradient_ai",
            name: "Gradient_ai",
            docs: "https://docs.digitalocean.com/products/gradient-ai-platform/reference/api/",
            base_url: "https://inference.do-ai.run/v1",
            key_env: "GRADIENT_AI_API_KEY",
            base_env: "GRADIENT_AI_AGENT_ENDPOINT",
            takes: &[BASIC, PENALTIES, &["stop", "stream_options"]],
            extras: Extras::InAnswers,
            ..Facts::OPENAI
        }
    }
}

//! AI/ML API. <https://docs.aimlapi.com/>
use super::prelude::*;

pub struct This;

impl Provider for This {
    fn facts(&self) -> &'static Facts {
        &Facts {
            slug: "aiml",
            name: "Aiml",
            docs: "https://docs.aimlapi.com/",
            base_url: "https://api.aimlapi.com/v1",
            key_env: "AIML_API_KEY",
            base_env: "AIML_API_BASE",
            renames: &[("max_completion_tokens", "max_tokens")],
            ..Facts::OPENAI
        }
    }
}

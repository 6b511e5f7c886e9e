//! Anything that speaks `OpenAI`'s format at the address the deployment gives.
use super::prelude::*;

pub struct This;

impl Provider for This {
    fn facts(&self) -> &'static Facts {
        &Facts {
            slug: "openai_like",
            name: "OpenAILike",
            base_url: "",
            key_env: "OPENAI_LIKE_API_KEY",
            base_env: "OPENAI_LIKE_API_BASE",
            ..Facts::OPENAI
        }
    }
}

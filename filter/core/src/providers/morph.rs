//! Morph. <https://docs.morphllm.com/api-reference>
use super::prelude::*;

pub struct This;

impl Provider for This {
    fn facts(&self) -> &'static Facts {
        &Facts {
            slug: "morph",
            name: "Morph",
            docs: "https://docs.morphllm.com/api-reference",
            base_url: "https://api.morphllm.com/v1",
            key_env: "MORPH_API_KEY",
            base_env: "MORPH_API_BASE",
            takes: &[&["stream"]],
            ..Facts::OPENAI
        }
    }
}

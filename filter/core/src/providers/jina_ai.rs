//! Jina AI, for embeddings. <https://api.jina.ai/redoc>
use super::prelude::*;

pub struct This;

impl Provider for This {
    fn facts(&self) -> &'static Facts {
        &Facts {
            slug: "jina_ai",
            name: "Jina_ai",
            docs: "https://api.jina.ai/redoc",
            base_url: "https://api.jina.ai/v1",
            key_env: "JINA_AI_API_KEY",
            base_env: "JINA_AI_API_BASE",
            embeds: &["dimensions"],
            ..Facts::OPENAI
        }
    }
}

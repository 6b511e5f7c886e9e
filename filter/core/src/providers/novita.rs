//! Novita. <https://novita.ai/docs/api-reference/model-apis-llm-create-chat-completion>
use super::prelude::*;

pub struct This;

impl Provider for This {
    fn facts(&self) -> &'static Facts {
        &Facts {
            slug: "novita",
            name: "Novita",
            docs: "https://novita.ai/docs/api-reference/model-apis-llm-create-chat-completion",
            base_url: "https://api.novita.ai/v3/openai",
            key_env: "NOVITA_API_KEY",
            base_env: "NOVITA_API_BASE",
            headers: &[("x-novita-source", "litellm")],
            ..Facts::OPENAI
        }
    }
}

//! `DeepSeek`. <https://api-docs.deepseek.com/api/create-chat-completion>
use super::prelude::*;

pub struct This;

impl Provider for This {
    fn facts(&self) -> &'static Facts {
        &Facts {
            slug: "deepseek",
            name: "Deepseek",
            docs: "https://api-docs.deepseek.com/api/create-chat-completion",
            base_url: "https://api.deepseek.com/beta",
            key_env: "DEEPSEEK_API_KEY",
            base_env: "DEEPSEEK_API_BASE",
            takes: &[TEXT, ALL_TOOLS, REASONING],
            ..Facts::OPENAI
        }
    }
}

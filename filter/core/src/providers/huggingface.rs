//! Hugging Face's inference providers and endpoints. <https://huggingface.co/docs/inference-providers/tasks/chat-completion>
use super::prelude::*;

pub struct This;

impl Provider for This {
    fn facts(&self) -> &'static Facts {
        &Facts {
            slug: "huggingface",
            name: "Huggingface",
            docs: "https://huggingface.co/docs/inference-providers/tasks/chat-completion",
            base_url: "https://router.huggingface.co",
            key_env: "HUGGINGFACE_API_KEY",
            base_env: "HUGGINGFACE_API_BASE",
            messages: Rules { cache_control: true, ..Rules::PLAIN },
            ..Facts::OPENAI
        }
    }
}

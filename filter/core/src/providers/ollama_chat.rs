//! Ollama, where models hold a conversation. <https://docs.ollama.com/api/chat>
use super::{ollama, prelude::*};

pub struct This;

impl Provider for This {
    fn facts(&self) -> &'static Facts {
        &Facts {
            slug: "ollama_chat",
            name: "Ollama_chat",
            docs: "https://docs.ollama.com/api/chat",
            format: Format::OllamaChat,
            renames: &[
                ("frequency_penalty", "repeat_penalty"),
                ("max_tokens", "num_predict"),
                ("max_completion_tokens", "num_predict"),
            ],
            ..ollama::FACTS
        }
    }

    fn fetches(&self, _deployment: &Deployment) -> Fetches {
        Fetches::Nothing
    }

    fn fit_embeddings(&self, asked: &mut Map<String, Value>, deployment: &Deployment) -> Result<(), Error> {
        ollama::embeds(asked, deployment)
    }
}

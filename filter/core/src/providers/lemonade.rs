//! Lemonade. <https://lemonade-server.ai/docs/server/server_spec/>
use super::prelude::*;

pub struct This;

impl Provider for This {
    fn facts(&self) -> &'static Facts {
        &Facts {
            slug: "lemonade",
            name: "Lemonade",
            docs: "https://lemonade-server.ai/docs/server/server_spec/",
            base_url: "http://localhost:8000/api/v1",
            key_env: "LEMONADE_API_KEY",
            base_env: "LEMONADE_API_BASE",
            renames: &[("max_completion_tokens", "max_tokens")],
            takes: &[TEXT, ALL_TOOLS, &["reasoning_effort"]],
            extras: Extras::InAnswers,
            ..Facts::OPENAI
        }
    }

    /// Effort means nothing to it, and is not refused.
    fn fit(&self, chat: &mut Map<String, Value>, _deployment: &Deployment) -> Result<(), Error> {
        chat.shift_remove("reasoning_effort");
        Ok(())
    }
}

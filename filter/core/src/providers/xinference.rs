//! Xinference. <https://inference.readthedocs.io/en/latest/getting_started/using_xinference.html>
use super::prelude::*;

pub struct This;

impl Provider for This {
    fn facts(&self) -> &'static Facts {
        &Facts {
            slug: "xinference",
            name: "Xinference",
            docs: "https://inference.readthedocs.io/en/latest/getting_started/using_xinference.html",
            base_url: "",
            key_env: "XINFERENCE_API_KEY",
            base_env: "XINFERENCE_API_BASE",
            renames: &[("max_completion_tokens", "max_tokens")],
            takes: &[TEXT, ALL_TOOLS, &["reasoning_effort"]],
            draws: &["n", "response_format", "size"],
            ..Facts::OPENAI
        }
    }

    /// Effort means nothing to it, and is not refused.
    fn fit(&self, chat: &mut Map<String, Value>, _deployment: &Deployment) -> Result<(), Error> {
        chat.shift_remove("reasoning_effort");
        Ok(())
    }
}

//! Venice. <https://docs.venice.ai/api-reference/api-spec>
use super::prelude::*;

pub struct This;

impl Provider for This {
    fn facts(&self) -> &'static Facts {
        &Facts {
            slug: "veniceai",
            name: "Veniceai",
            docs: "https://docs.venice.ai/api-reference/api-spec",
            base_url: "https://api.venice.ai/api/v1",
            key_env: "VENICE_AI_API_KEY",
            base_env: "",
            messages: Rules { developer: true, cache_control: true, ..Rules::PLAIN },
            takes: &[TEXT, ALL_TOOLS, &["reasoning_effort", "verbosity"]],
            ..Facts::OPENAI
        }
    }

    /// Effort means nothing to it, and is not refused.
    fn fit(&self, chat: &mut Map<String, Value>, _deployment: &Deployment) -> Result<(), Error> {
        chat.shift_remove("reasoning_effort");
        Ok(())
    }
}

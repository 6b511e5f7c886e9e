//! Amazon Nova's own API. <https://nova.amazon.com/dev/documentation>
use super::prelude::*;

pub struct This;

impl Provider for This {
    fn facts(&self) -> &'static Facts {
        &Facts {
            slug: "amazon_nova",
            name: "Amazon_nova",
            docs: "https://nova.amazon.com/dev/documentation",
            base_url: "https://api.nova.amazon.com/v1",
            key_env: "AMAZON_NOVA_API_KEY",
            base_env: "AMAZON_NOVA_API_BASE",
            takes: &[BASIC, TOOLS, &["reasoning_effort", "stop", "stream_options"]],
            renames: &[("max_completion_tokens", "max_tokens")],
            messages: Rules { cache_control: true, ..Rules::PLAIN },
            ..Facts::OPENAI
        }
    }

    /// It wants to be told either way.
    fn fit(&self, chat: &mut Map<String, Value>, _deployment: &Deployment) -> Result<(), Error> {
        chat.entry("stream").or_insert(Value::Bool(false));
        Ok(())
    }
}

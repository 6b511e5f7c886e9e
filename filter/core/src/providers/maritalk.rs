//! Maritaca. <https://docs.maritaca.ai/en/chamadas-api>
use super::prelude::*;

pub struct This;

impl Provider for This {
    fn facts(&self) -> &'static Facts {
        &Facts {
            slug: "maritalk",
            name: "Maritalk",
            docs: "https://docs.maritaca.ai/en/chamadas-api",
            base_url: "https://chat.maritaca.ai/api",
            key_env: "MARITALK_API_KEY",
            base_env: "MARITALK_API_BASE",
            takes: &[
                TOOLS,
                PENALTIES,
                &["max_tokens", "n", "stop", "stream", "stream_options", "temperature", "top_p"],
            ],
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

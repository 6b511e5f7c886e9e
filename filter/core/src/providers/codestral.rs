//! Mistral's server for code. <https://docs.mistral.ai/api/>
use super::prelude::*;

pub struct This;

impl Provider for This {
    fn facts(&self) -> &'static Facts {
        &Facts {
            slug: "codestral",
            name: "Codestral",
            docs: "https://docs.mistral.ai/api/",
            base_url: "https://codestral.mistral.ai/v1",
            key_env: "CODESTRAL_API_KEY",
            base_env: "CODESTRAL_API_BASE",
            takes: &[BASIC, TOOLS, &["parallel_tool_calls", "response_format", "seed", "stop"]],
            renames: &[("max_completion_tokens", "max_tokens"), ("seed", "random_seed")],
            messages: Rules { content: Content::TextIfPlain, ..Rules::PLAIN },
            ..Facts::OPENAI
        }
    }

    fn fit(&self, chat: &mut Map<String, Value>, _deployment: &Deployment) -> Result<(), Error> {
        super::mistral::name_tool_choice(chat);
        Ok(())
    }
}

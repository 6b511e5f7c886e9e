//! `SambaNova`. <https://docs.sambanova.ai/docs/en/api-reference/overview>
use super::prelude::*;

pub struct This;

impl Provider for This {
    fn facts(&self) -> &'static Facts {
        &Facts {
            slug: "sambanova",
            name: "Sambanova",
            docs: "https://docs.sambanova.ai/docs/en/api-reference/overview",
            base_url: "https://api.sambanova.ai/v1",
            key_env: "SAMBANOVA_API_KEY",
            base_env: "SAMBANOVA_API_BASE",
            takes: &[BASIC, TOOLS, &["parallel_tool_calls", "response_format", "stop", "stream_options"]],
            gated: &[("supports_function_calling", &["parallel_tool_calls", "tool_choice", "tools"])],
            renames: &[("max_completion_tokens", "max_tokens")],
            messages: Rules { content: Content::Text, ..Rules::PLAIN },
            embeds: &[],
            ..Facts::OPENAI
        }
    }
}

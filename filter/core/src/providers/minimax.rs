//! `MiniMax`. <https://platform.minimax.io/docs/api-reference/text-openai-api>
use super::prelude::*;

pub struct This;

impl Provider for This {
    fn facts(&self) -> &'static Facts {
        &Facts {
            slug: "minimax",
            name: "Minimax",
            docs: "https://platform.minimax.io/docs/api-reference/text-openai-api",
            base_url: "https://api.minimax.io/v1",
            key_env: "MINIMAX_API_KEY",
            base_env: "MINIMAX_API_BASE",
            messages: Rules { cache_control: true, ..Rules::PLAIN },
            takes: &[TEXT, ALL_TOOLS, &["thinking"]],
            gated: &[("supports_reasoning", &["thinking"])],
            extras: Extras::InAnswers,
            ..Facts::OPENAI
        }
    }
}

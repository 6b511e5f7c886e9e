//! Featherless. <https://featherless.ai/docs/completions>
use super::prelude::*;

pub struct This;

impl Provider for This {
    fn facts(&self) -> &'static Facts {
        &Facts {
            slug: "featherless_ai",
            name: "Featherless_ai",
            docs: "https://featherless.ai/docs/completions",
            base_url: "https://api.featherless.ai/v1",
            key_env: "FEATHERLESS_AI_API_KEY",
            base_env: "FEATHERLESS_AI_API_BASE",
            takes: &[BASIC, PENALTIES, &["function_call", "functions", "logit_bias", "n", "stop"]],
            renames: &[("max_completion_tokens", "max_tokens")],
            completes: true,
            ..Facts::OPENAI
        }
    }
}

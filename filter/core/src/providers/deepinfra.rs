//! `DeepInfra`. <https://deepinfra.com/docs/openai_api>
use super::prelude::*;

pub struct This;

impl Provider for This {
    fn facts(&self) -> &'static Facts {
        &Facts {
            slug: "deepinfra",
            name: "Deepinfra",
            docs: "https://deepinfra.com/docs/openai_api",
            base_url: "https://api.deepinfra.com/v1/openai",
            key_env: "DEEPINFRA_API_KEY",
            base_env: "DEEPINFRA_API_BASE",
            takes: &[BASIC, TOOLS, PENALTIES, &["function_call", "functions", "logit_bias", "n", "response_format", "stop"]],
            ..Facts::OPENAI
        }
    }
}

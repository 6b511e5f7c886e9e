//! Xiaomi `MiMo`. <https://platform.xiaomimimo.com/#/docs/api/text-generation/openai-api>
use super::prelude::*;

pub struct This;

impl Provider for This {
    fn facts(&self) -> &'static Facts {
        &Facts {
            slug: "xiaomi_mimo",
            name: "Xiaomi_mimo",
            docs: "https://platform.xiaomimimo.com/#/docs/api/text-generation/openai-api",
            base_url: "https://api.xiaomimimo.com/v1",
            key_env: "XIAOMI_MIMO_API_KEY",
            base_env: "",
            gated: &[("supports_function_calling", ALL_TOOLS)],
            renames: &[("max_completion_tokens", "max_tokens")],
            ..Facts::OPENAI
        }
    }
}

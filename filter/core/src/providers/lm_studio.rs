//! LM Studio. <https://lmstudio.ai/docs/app/api/endpoints/openai>
use super::prelude::*;

pub struct This;

impl Provider for This {
    fn facts(&self) -> &'static Facts {
        &Facts {
            slug: "lm_studio",
            name: "Lm_studio",
            docs: "https://lmstudio.ai/docs/app/api/endpoints/openai",
            base_url: "",
            key_env: "LM_STUDIO_API_KEY",
            base_env: "LM_STUDIO_API_BASE",
            embeds: &[],
            ..Facts::OPENAI
        }
    }
}

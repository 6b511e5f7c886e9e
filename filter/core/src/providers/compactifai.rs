//! `CompactifAI`. <https://docs.compactif.ai/>
use super::prelude::*;

pub struct This;

impl Provider for This {
    fn facts(&self) -> &'static Facts {
        &Facts {
            slug: "compactifai",
            name: "Compactifai",
            docs: "https://docs.compactif.ai/",
            base_url: "https://api.compactif.ai/v1",
            key_env: "COMPACTIFAI_API_KEY",
            base_env: "COMPACTIFAI_API_BASE",
            extras: Extras::InAnswers,
            ..Facts::OPENAI
        }
    }
}

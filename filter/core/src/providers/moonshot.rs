//! Moonshot. <https://platform.moonshot.ai/docs/api/chat>
use super::prelude::*;

pub struct This;

impl Provider for This {
    fn facts(&self) -> &'static Facts {
        &Facts {
            slug: "moonshot",
            name: "Moonshot",
            docs: "https://platform.moonshot.ai/docs/api/chat",
            base_url: "https://api.moonshot.ai/v1",
            key_env: "MOONSHOT_API_KEY",
            base_env: "MOONSHOT_API_BASE",
            ..Facts::OPENAI
        }
    }
}

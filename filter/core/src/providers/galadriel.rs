//! Galadriel. <https://docs.galadriel.com/>
use super::prelude::*;

pub struct This;

impl Provider for This {
    fn facts(&self) -> &'static Facts {
        &Facts {
            slug: "galadriel",
            name: "Galadriel",
            docs: "https://docs.galadriel.com/",
            base_url: "https://api.galadriel.com/v1",
            key_env: "GALADRIEL_API_KEY",
            base_env: "GALADRIEL_API_BASE",
            renames: &[("max_completion_tokens", "max_tokens")],
            ..Facts::OPENAI
        }
    }
}

//! Empower. <https://docs.empower.dev/>
use super::prelude::*;

pub struct This;

impl Provider for This {
    fn facts(&self) -> &'static Facts {
        &Facts {
            slug: "empower",
            name: "Empower",
            docs: "https://docs.empower.dev/",
            base_url: "https://app.empower.dev/api/v1",
            key_env: "EMPOWER_API_KEY",
            base_env: "EMPOWER_API_BASE",
            ..Facts::OPENAI
        }
    }
}

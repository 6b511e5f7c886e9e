//! v0. <https://v0.app/docs/api/model>
use super::prelude::*;

pub struct This;

impl Provider for This {
    fn facts(&self) -> &'static Facts {
        &Facts {
            slug: "v0",
            name: "V0",
            docs: "https://v0.app/docs/api/model",
            base_url: "https://api.v0.dev/v1",
            key_env: "V0_API_KEY",
            base_env: "V0_API_BASE",
            takes: &[TOOLS, &["stream"]],
            completes: true,
            ..Facts::OPENAI
        }
    }
}

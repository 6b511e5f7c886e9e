//! `CometAPI`. <https://api.cometapi.com/doc>
use super::prelude::*;

pub struct This;

impl Provider for This {
    fn facts(&self) -> &'static Facts {
        &Facts {
            slug: "cometapi",
            name: "Cometapi",
            docs: "https://api.cometapi.com/doc",
            base_url: "https://api.cometapi.com/v1",
            key_env: "COMETAPI_KEY",
            base_env: "COMETAPI_BASE_URL",
            extras: Extras::InAnswers,
            ..Facts::OPENAI
        }
    }
}

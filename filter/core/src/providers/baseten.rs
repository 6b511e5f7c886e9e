//! Baseten. <https://docs.baseten.co/development/model-apis/overview>
use super::prelude::*;

pub struct This;

impl Provider for This {
    fn facts(&self) -> &'static Facts {
        &Facts {
            slug: "baseten",
            name: "Baseten",
            docs: "https://docs.baseten.co/development/model-apis/overview",
            base_url: "https://inference.baseten.co/v1",
            key_env: "BASETEN_API_KEY",
            base_env: "BASETEN_API_BASE",
            takes: &[BASIC, TOOLS, PENALTIES, &["response_format", "seed", "stop", "stream_options", "user"]],
            ..Facts::OPENAI
        }
    }
}

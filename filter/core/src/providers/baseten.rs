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
            renames: &[("max_completion_tokens", "max_tokens")],
            ..Facts::OPENAI
        }
    }

    /// A model of one's own has an address of its own, by its id of eight letters and digits.
    /// <https://docs.baseten.co/inference/calling-your-model>
    fn base_url(&self, model: &str, _params: &Map<String, Value>) -> Cow<'static, str> {
        let own = model.len() == 8 && model.bytes().all(|b| b.is_ascii_alphanumeric());
        if own {
            format!("https://model-{model}.api.baseten.co/environments/production/sync/v1").into()
        } else {
            self.facts().base_url.into()
        }
    }
}

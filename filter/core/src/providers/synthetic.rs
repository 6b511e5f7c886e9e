//! Synthetic. <https://dev.synthetic.new/docs/api/overview>
use super::prelude::*;

pub struct This;

impl Provider for This {
    fn facts(&self) -> &'static Facts {
        &Facts {
            slug: "synthetic",
            name: "Synthetic",
            docs: "https://dev.synthetic.new/docs/api/overview",
            base_url: "https://api.synthetic.new/openai/v1",
            key_env: "SYNTHETIC_API_KEY",
            base_env: "",
            gated: &[("supports_function_calling", ALL_TOOLS)],
            renames: &[("max_completion_tokens", "max_tokens")],
            completes: true,
            ..Facts::OPENAI
        }
    }
}

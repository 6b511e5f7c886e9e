//! Scaleway. <https://www.scaleway.com/en/developers/api/generative-apis/>
use super::prelude::*;

pub struct This;

impl Provider for This {
    fn facts(&self) -> &'static Facts {
        &Facts {
            slug: "scaleway",
            name: "Scaleway",
            docs: "https://www.scaleway.com/en/developers/api/generative-apis/",
            base_url: "https://api.scaleway.ai/v1",
            key_env: "SCW_SECRET_KEY",
            base_env: "",
            formats: &[(Operation::Rerank, Format::Rerank)],
            reranks: &["top_n"],
            gated: &[("supports_function_calling", ALL_TOOLS)],
            ..Facts::OPENAI
        }
    }
}

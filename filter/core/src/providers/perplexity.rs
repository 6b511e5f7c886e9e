//! Perplexity. <https://docs.perplexity.ai/api-reference/chat-completions-post>
use super::prelude::*;

pub struct This;

impl Provider for This {
    fn facts(&self) -> &'static Facts {
        &Facts {
            slug: "perplexity",
            name: "Perplexity",
            docs: "https://docs.perplexity.ai/api-reference/chat-completions-post",
            base_url: "https://api.perplexity.ai",
            key_env: "PERPLEXITYAI_API_KEY",
            base_env: "PERPLEXITY_API_BASE",
            headers: &[("x-pplx-integration", "litellm")],
            takes: &[BASIC, PENALTIES, &["reasoning_effort", "response_format", "web_search_options"]],
            gated: &[("supports_reasoning", &["reasoning_effort"])],
            embeds: &["dimensions", "encoding_format"],
            ..Facts::OPENAI
        }
    }

    fn path(&self, target: &Target) -> Option<String> {
        (target.call.operation == Operation::Embeddings).then(|| "/v1/embeddings".into())
    }
}

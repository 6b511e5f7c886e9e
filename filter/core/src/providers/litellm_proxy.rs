//! Another gateway that is a `LiteLLM`. <https://docs.litellm.ai/docs/providers/litellm_proxy>
use super::prelude::*;

pub struct This;

impl Provider for This {
    fn facts(&self) -> &'static Facts {
        &Facts {
            slug: "litellm_proxy",
            name: "Litellm_proxy",
            docs: "https://docs.litellm.ai/docs/providers/litellm_proxy",
            base_url: "",
            key_env: "LITELLM_PROXY_API_KEY",
            base_env: "LITELLM_PROXY_API_BASE",
            formats: &[(Operation::Rerank, Format::Rerank)],
            reranks: &["max_chunks_per_doc", "rank_fields", "return_documents", "top_n"],
            takes: &[TEXT, ALL_TOOLS, REASONING, &["user", "verbosity"]],
            messages: Rules { cache_control: true, ..Rules::PLAIN },
            responses: true,
            ..Facts::OPENAI
        }
    }

    fn path(&self, target: &Target) -> Option<String> {
        (target.call.operation == Operation::Rerank).then(|| rerank::path_below(target.deployment, "/v1"))
    }
}

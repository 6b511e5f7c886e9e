//! vLLM's own server. <https://docs.vllm.ai/en/stable/serving/openai_compatible_server.html>
use super::prelude::*;

pub struct This;

impl Provider for This {
    fn facts(&self) -> &'static Facts {
        &Facts {
            slug: "hosted_vllm",
            name: "Hosted_vllm",
            docs: "https://docs.vllm.ai/en/stable/serving/openai_compatible_server.html",
            base_url: "",
            key_env: "HOSTED_VLLM_API_KEY",
            base_env: "HOSTED_VLLM_API_BASE",
            ..Facts::OPENAI
        }
    }
}

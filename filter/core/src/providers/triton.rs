//! NVIDIA Triton. <https://docs.nvidia.com/deeplearning/triton-inference-server/user-guide/docs/protocol/README.html>
use super::prelude::*;

pub struct This;

impl Provider for This {
    fn facts(&self) -> &'static Facts {
        &Facts {
            slug: "triton",
            name: "Triton",
            docs: "https://docs.nvidia.com/deeplearning/triton-inference-server/user-guide/docs/protocol/README.html",
            base_url: "",
            key_env: "TRITON_API_KEY",
            base_env: "TRITON_API_BASE",
            format: Format::Triton,
            takes: &[&["max_completion_tokens", "max_tokens", "stream"]],
            embeds: &[],
            ..Facts::OPENAI
        }
    }
}

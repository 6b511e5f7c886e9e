//! NVIDIA NIM. <https://docs.api.nvidia.com/nim/reference/llm-apis>
use super::prelude::*;

pub struct This;

impl Provider for This {
    fn facts(&self) -> &'static Facts {
        &Facts {
            slug: "nvidia_nim",
            name: "Nvidia_nim",
            docs: "https://docs.api.nvidia.com/nim/reference/llm-apis",
            base_url: "https://integrate.api.nvidia.com/v1",
            key_env: "NVIDIA_NIM_API_KEY",
            base_env: "NVIDIA_NIM_API_BASE",
            takes: &[BASIC, TOOLS, PENALTIES, &["parallel_tool_calls", "response_format", "seed", "stop"]],
            ..Facts::OPENAI
        }
    }
}

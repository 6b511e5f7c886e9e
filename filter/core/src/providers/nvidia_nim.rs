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
            formats: &[(Operation::Rerank, Format::NvidiaRerank)],
            takes: &[BASIC, TOOLS, PENALTIES, &["parallel_tool_calls", "response_format", "seed", "stop"]],
            renames: &[("max_completion_tokens", "max_tokens")],
            ..Facts::OPENAI
        }
    }

    /// <https://docs.api.nvidia.com/nim/reference>
    fn takes(&self, parameter: &str, deployment: &Deployment) -> bool {
        let simple = ["max_tokens", "stream", "temperature", "top_p"];
        match deployment.model.as_str() {
            "google/recurrentgemma-2b"
            | "google/gemma-2-27b-it"
            | "google/gemma-2-9b-it"
            | "gemma-2-9b-it" => simple.contains(&parameter) || matches!(parameter, "seed" | "stop"),
            "nvidia/nemotron-4-340b-instruct" => BASIC.contains(&parameter),
            "nvidia/nemotron-4-340b-reward" => parameter == "stream",
            "google/codegemma-1.1-7b" => {
                BASIC.contains(&parameter) || PENALTIES.contains(&parameter) || parameter == "stop"
            }
            _ => self.facts().takes(parameter, deployment),
        }
    }

    /// Rankings are not where chats are.
    fn base_url(&self, model: &str, _params: &Map<String, Value>) -> Cow<'static, str> {
        let ranks = model.starts_with("ranking/") || model.contains("rerank");
        if ranks { "https://ai.api.nvidia.com" } else { self.facts().base_url }.into()
    }
}

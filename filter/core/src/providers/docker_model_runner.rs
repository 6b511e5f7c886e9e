//! Docker's Model Runner. <https://docs.docker.com/ai/model-runner/api-reference/>
use super::prelude::*;

pub struct This;

impl Provider for This {
    fn facts(&self) -> &'static Facts {
        &Facts {
            slug: "docker_model_runner",
            name: "Docker_model_runner",
            docs: "https://docs.docker.com/ai/model-runner/api-reference/",
            base_url: "http://localhost:22088/engines/llama.cpp",
            key_env: "DOCKER_MODEL_RUNNER_API_KEY",
            base_env: "DOCKER_MODEL_RUNNER_API_BASE",
            renames: &[("max_completion_tokens", "max_tokens")],
            messages: Rules { content: Content::Text, ..Rules::PLAIN },
            ..Facts::OPENAI
        }
    }
}

//! Weights & Biases. <https://docs.wandb.ai/guides/inference/api-reference/>
use super::prelude::*;

pub struct This;

impl Provider for This {
    fn facts(&self) -> &'static Facts {
        &Facts {
            slug: "wandb",
            name: "Wandb",
            docs: "https://docs.wandb.ai/guides/inference/api-reference/",
            base_url: "https://api.inference.wandb.ai/v1",
            key_env: "WANDB_API_KEY",
            base_env: "WANDB_API_BASE",
            takes: &[TEXT, ALL_TOOLS, &["reasoning_effort"]],
            completes: true,
            ..Facts::OPENAI
        }
    }
}

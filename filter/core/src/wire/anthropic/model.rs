//! What is known of the model a request goes to.

use crate::{deployment::Deployment, wire::Target};
use serde_json::Value;

/// The answer's cap where neither the client nor the price table names one; the API insists on having one.
const DEFAULT_MAX_TOKENS: u64 = 4096;

/// A model behind a deployment: its row of the price table and the deployment's switches.
#[derive(Debug, Clone, Copy)]
pub struct Model<'a> {
    deployment: &'a Deployment,
}

impl<'a> Model<'a> {
    /// The model behind `target`.
    pub fn of(target: &Target<'a>) -> Self {
        Self { deployment: target.deployment }
    }

    /// Its name at the provider.
    pub fn name(self) -> &'a str {
        &self.deployment.model
    }

    /// Where it is.
    pub fn deployment(self) -> &'a Deployment {
        self.deployment
    }

    /// A fact known to be true.
    pub fn has(self, fact: &str) -> bool {
        self.deployment.supports(fact) == Some(true)
    }

    /// Drop what the model does not take instead of refusing it.
    pub fn drops(self) -> bool {
        self.deployment.switch("drop_params")
    }

    /// Tokens to ask for where the client does not say: as many as the model can answer with.
    pub fn max_tokens(self) -> u64 {
        if let Some(tokens) = self.deployment.provider().max_tokens(self.deployment) {
            return tokens;
        }
        let limit = |fact| self.deployment.facts.get(fact).and_then(Value::as_u64);
        limit("max_output_tokens").or_else(|| limit("max_tokens")).unwrap_or(DEFAULT_MAX_TOKENS)
    }

    /// Decides by itself how long to think (4.6 and later), guided by `output_config.effort`.
    pub fn adaptive(self) -> bool {
        self.has("supports_adaptive_thinking")
    }

    /// Can think at all.
    pub fn reasons(self) -> bool {
        self.adaptive() || self.has("supports_reasoning") || self.name().contains("claude-3-7-sonnet")
    }

    /// Takes `temperature`, `top_p` and `top_k`; models from 4.7 on do not.
    pub fn samples(self) -> bool {
        const WITHOUT: [&str; 3] = ["fable", "opus-4-7", "opus-4-8"];
        self.deployment.supports("supports_sampling_params").unwrap_or_else(|| {
            let name = self.name().to_lowercase().replace(['.', '_'], "-");
            !WITHOUT.iter().any(|family| name.contains(family))
        })
    }

    /// Takes a `tool_choice` that forces a tool.
    pub fn can_be_forced(self) -> bool {
        self.deployment.supports("supports_forced_tool_use") != Some(false)
    }

    /// Fast mode: Anthropic's own, and only some models have it.
    pub fn has_speeds(self) -> bool {
        self.deployment.provider == "anthropic" && self.has("supports_speed")
    }

    /// Takes `output_config.effort` at all.
    pub fn takes_effort(self) -> bool {
        const LEVELS: [&str; 6] = ["low", "minimal", "medium", "high", "xhigh", "max"];
        self.has("supports_output_config") || LEVELS.iter().any(|level| self.has_level(level))
    }

    /// Takes this particular effort.
    pub fn has_level(self, level: &str) -> bool {
        self.has(&format!("supports_{level}_reasoning_effort"))
    }
}

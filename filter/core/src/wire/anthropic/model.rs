//! What is known of the model a request goes to.

use crate::{deployment::Deployment, wire::Target};
use serde_json::{Map, Value};

/// The answer's cap where neither the client nor the price table names one; the API insists on having one.
const DEFAULT_MAX_TOKENS: u64 = 4096;

/// A model, its row of the price table, and the deployment's switches.
#[derive(Debug, Clone, Copy)]
pub struct Model<'a> {
    /// Its name at the provider.
    pub name: &'a str,
    /// The provider's slug.
    pub provider: &'a str,
    facts: &'a Map<String, Value>,
    params: &'a Map<String, Value>,
}

impl<'a> Model<'a> {
    /// The model behind `target`.
    pub fn of(target: &Target<'a>) -> Self {
        Self::from(target.deployment)
    }

    /// A fact known to be true.
    pub fn has(&self, fact: &str) -> bool {
        self.flag(fact) == Some(true)
    }

    fn flag(&self, fact: &str) -> Option<bool> {
        self.facts.get(fact)?.as_bool()
    }

    /// Drop what the model does not take instead of refusing it.
    pub fn drops(&self) -> bool {
        match self.params.get("drop_params") {
            Some(Value::Bool(drop)) => *drop,
            Some(Value::String(text)) => text.eq_ignore_ascii_case("true"),
            _ => false,
        }
    }

    /// A list of parameter names among the deployment's settings.
    pub fn names(&self, setting: &str) -> impl Iterator<Item = &'a str> {
        self.params.get(setting).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str)
    }

    /// Tokens the model can answer with.
    pub fn max_tokens(&self) -> u64 {
        let limit = |fact| self.facts.get(fact).and_then(Value::as_u64);
        limit("max_output_tokens").or_else(|| limit("max_tokens")).unwrap_or(DEFAULT_MAX_TOKENS)
    }

    /// Decides by itself how long to think (4.6 and later), guided by `output_config.effort`.
    pub fn adaptive(&self) -> bool {
        self.has("supports_adaptive_thinking")
    }

    /// Can think at all.
    pub fn reasons(&self) -> bool {
        self.adaptive() || self.has("supports_reasoning") || self.name.contains("claude-3-7-sonnet")
    }

    /// Takes `temperature`, `top_p` and `top_k`; models from 4.7 on do not.
    pub fn samples(&self) -> bool {
        const WITHOUT: [&str; 3] = ["fable", "opus-4-7", "opus-4-8"];
        self.flag("supports_sampling_params").unwrap_or_else(|| {
            let name = self.name.to_lowercase().replace(['.', '_'], "-");
            !WITHOUT.iter().any(|family| name.contains(family))
        })
    }

    /// Takes a `tool_choice` that forces a tool.
    pub fn can_be_forced(&self) -> bool {
        self.flag("supports_forced_tool_use") != Some(false)
    }

    /// Takes `output_config.effort` at all.
    pub fn takes_effort(&self) -> bool {
        const LEVELS: [&str; 6] = ["low", "minimal", "medium", "high", "xhigh", "max"];
        self.has("supports_output_config") || LEVELS.iter().any(|level| self.has_level(level))
    }

    /// Takes this particular effort.
    pub fn has_level(&self, level: &str) -> bool {
        self.has(&format!("supports_{level}_reasoning_effort"))
    }
}

impl<'a> From<&'a Deployment> for Model<'a> {
    fn from(deployment: &'a Deployment) -> Self {
        Self {
            name: &deployment.model,
            provider: &deployment.provider,
            facts: &deployment.facts,
            params: &deployment.params,
        }
    }
}

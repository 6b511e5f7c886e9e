//! What is known of the model a request goes to.

use crate::{
    deployment::Deployment,
    wire::{Target, bedrock::Name},
};
use serde_json::Value;

/// A model behind a deployment: its name, its row of the price table, the deployment's switches.
#[derive(Debug, Clone, Copy)]
pub struct Model<'a> {
    deployment: &'a Deployment,
    name: Name<'a>,
}

/// Families that call tools, whatever the price table says.
const CALLERS: [&str; 8] = [
    "amazon.nova",
    "anthropic",
    "cohere",
    "meta.llama3-1",
    "meta.llama3-2",
    "meta.llama3-3",
    "meta.llama4",
    "mistral",
];

impl<'a> Model<'a> {
    /// The model behind `target`.
    pub fn of(target: &Target<'a>) -> Self {
        Self { deployment: target.deployment, name: Name::of(&target.deployment.model) }
    }

    /// Where it is.
    pub fn deployment(self) -> &'a Deployment {
        self.deployment
    }

    /// Its name, as the deployment has it.
    pub fn name(self) -> &'a str {
        &self.deployment.model
    }

    /// What AWS knows it by: the deployment's `model_id`, which may be an ARN, or the name itself.
    pub fn id(self) -> &'a str {
        let given = self.deployment.params.get("model_id").and_then(Value::as_str);
        given.unwrap_or_else(|| self.name.id())
    }

    /// A fact known to be true.
    pub fn has(self, fact: &str) -> bool {
        self.deployment.supports(fact) == Some(true)
    }

    /// Drop what the model does not take instead of refusing it.
    pub fn drops(self) -> bool {
        self.deployment.switch("drop_params")
    }

    fn is_of(self, family: &str) -> bool {
        self.name.family().starts_with(family)
    }

    /// Anthropic's.
    pub fn is_claude(self) -> bool {
        self.is_of("anthropic")
    }

    /// Amazon's.
    pub fn is_nova(self) -> bool {
        self.is_of("amazon.nova")
    }

    /// Amazon's second generation, with a `reasoningConfig` of its own.
    pub fn is_nova_2(self) -> bool {
        self.is_of("amazon.nova-2-")
    }

    /// `OpenAI`'s closed models.
    pub fn is_gpt(self) -> bool {
        let version = self.name.family().strip_prefix("openai.gpt-");
        version.is_some_and(|version| version.starts_with(|c: char| c.is_ascii_digit()))
    }

    /// Takes `reasoning_effort` as it is.
    pub fn takes_plain_effort(self) -> bool {
        self.name().contains("gpt-oss") || self.name().contains("deepseek")
    }

    /// Takes some effort: `DeepSeek` R1 always reasons, and refuses to be told how much.
    pub fn takes_effort(self) -> bool {
        let r1 = self.name().contains("deepseek.r1");
        !r1 && (self.takes_plain_effort() || self.is_gpt() || self.is_nova_2() || self.takes_thinking())
    }

    /// Takes Anthropic's `thinking`. What an ARN hides may.
    pub fn takes_thinking(self) -> bool {
        const CLAUDES: [&str; 3] = ["claude-3-7", "claude-sonnet-4", "claude-opus-4"];
        let named = || CLAUDES.iter().any(|claude| self.name().contains(claude));
        let other = self.takes_plain_effort() || self.is_gpt() || self.is_nova_2();
        self.name.is_arn() || !other && (named() || self.has("supports_reasoning"))
    }

    /// Thinking's budget is counted in the answer's tokens.
    pub fn counts_budget(self) -> bool {
        !self.name().contains("gpt-oss") && !self.is_nova_2()
    }

    /// Calls tools.
    pub fn calls(self) -> bool {
        self.name.is_arn()
            || CALLERS.iter().any(|family| self.is_of(family))
            || self.has("supports_function_calling")
    }

    /// Can be told which tool to call.
    pub fn can_choose(self) -> bool {
        self.name.is_arn() || self.has("supports_tool_choice")
    }

    /// Takes Anthropic's `output_config` (an application profile's ARN hides the model: it may).
    pub fn takes_output_config(self) -> bool {
        self.is_claude() || self.name.is_application_profile()
    }

    /// Takes `strict` tools and closed schemas.
    pub fn is_strict(self) -> bool {
        self.is_claude() && self.deployment.supports("bedrock_converse_supports_strict_tools") != Some(false)
    }

    /// Takes `cachePoint`s. A model the price table does not know may.
    pub fn caches(self) -> bool {
        let openai = self.name.id().split(['.', '/']).any(|part| part == "openai");
        let marked = || self.deployment.supports("supports_prompt_cache_breakpoint");
        let known = || !self.deployment.facts.is_empty();
        !openai && marked().unwrap_or_else(|| !known() || self.has("supports_prompt_caching"))
    }

    /// Takes a time to live at a cache point.
    pub fn caches_for_long(self) -> bool {
        self.deployment.facts.get("cache_creation_input_token_cost_above_1hr").is_some_and(Value::is_number)
    }

    /// The most effort it takes.
    pub fn effort_ceiling(self) -> Option<&'a str> {
        self.deployment.facts.get("bedrock_output_config_effort_ceiling")?.as_str()
    }

    /// The fewest tokens its answer may be limited to.
    pub fn min_tokens(self) -> u64 {
        if self.is_gpt() || self.is_of("xai.grok-") { 16 } else { 1 }
    }

    /// Can be streamed.
    pub fn streams(self) -> bool {
        !self.is_of("ai21")
    }
}

//! Whose model it is, where it is, and what it takes.
//! <https://cloud.google.com/vertex-ai/generative-ai/docs/partner-models/use-partner-models>

use crate::{
    error::Error,
    operation::Operation,
    parameters,
    wire::{Format, Target, gemini},
};
use serde_json::{Map, Value};

/// The publishers of a model, as far as they differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Publisher {
    /// Gemini, and models tuned from it.
    Google,
    /// Google's embedding models.
    Embedder,
    /// Google's voices.
    Speaker,
    /// Claude.
    Anthropic,
    /// Mistral and Codestral.
    Mistral,
    /// Jamba.
    Ai21,
    /// Open models, all behind one address.
    Open,
    /// A model that the client deployed itself.
    Endpoint,
}

impl Publisher {
    /// The publisher of a model, by its name.
    pub fn of(model: &str) -> Self {
        const OPEN: [&str; 9] = [
            "deepseek-ai/",
            "google/gemma",
            "llama",
            "minimaxai/",
            "moonshotai/",
            "openai/gpt-oss-",
            "qwen",
            "xai/",
            "zai-org/",
        ];
        let has = |name: &str| model.contains(name);
        match () {
            () if OPEN.iter().any(|name| has(name)) => Self::Open,
            () if has("mistral") || has("codestral") => Self::Mistral,
            () if has("jamba") => Self::Ai21,
            () if has("claude") => Self::Anthropic,
            () if model.starts_with("openai/") => Self::Endpoint,
            () if has("embedding") => Self::Embedder,
            () if model == "chirp" => Self::Speaker,
            () => Self::Google,
        }
    }

    /// The format its models are spoken to in.
    pub fn format(self) -> Format {
        match self {
            Self::Google => Format::Gemini,
            Self::Embedder => Format::Predict,
            Self::Speaker => Format::Synthesis,
            Self::Anthropic => Format::Anthropic,
            Self::Mistral | Self::Ai21 | Self::Open | Self::Endpoint => Format::OpenAi,
        }
    }

    /// The only region that has its models, where there is but one.
    pub fn region(self, model: &str) -> Option<&'static str> {
        (self == Self::Open && model.starts_with("qwen/")).then_some("global")
    }

    /// The version of Google's API that has its models.
    pub fn version(self) -> &'static str {
        if matches!(self, Self::Ai21 | Self::Endpoint) { "v1beta1" } else { "v1" }
    }

    /// The path of a model among the resources of a project and a region, and the method.
    pub fn path(self, model: &str, target: &Target) -> String {
        let raw = if target.call.stream { "streamRawPredict" } else { "rawPredict" };
        match self {
            Self::Google => {
                let method = gemini::method(target);
                let name = model.rsplit_once("gemini/").map_or(model, |(_, tuned)| tuned);
                let tuned = name.bytes().all(|b| b.is_ascii_digit());
                let kind = if tuned { "endpoints" } else { "publishers/google/models" };
                format!("/{kind}/{name}:{method}")
            }
            Self::Embedder => format!("/publishers/google/models/{model}:predict"),
            Self::Speaker => "/text:synthesize".into(),
            Self::Anthropic if target.call.operation == Operation::CountTokens => {
                "/publishers/anthropic/models/count-tokens:rawPredict".into()
            }
            Self::Anthropic => format!("/publishers/anthropic/models/{model}:{raw}"),
            Self::Mistral => format!("/publishers/mistralai/models/{model}:{raw}"),
            Self::Ai21 => format!("/publishers/ai21/models/{model}:{raw}"),
            Self::Open => "/endpoints/openapi/chat/completions".into(),
            Self::Endpoint => format!("/endpoints/{}/chat/completions", number(model)),
        }
    }

    /// Whether a model of its takes a parameter of `OpenAI`'s chat API.
    pub fn takes(self, parameter: &str, model: &str) -> bool {
        match self {
            Self::Google => {
                !(matches!(parameter, "presence_penalty" | "frequency_penalty") && gemini::is_newer(model))
            }
            Self::Mistral => !MISTRAL_LACKS.contains(&parameter),
            Self::Open if model.starts_with(GPT_OSS) => {
                !matches!(parameter, "thinking" | "tool_choice" | "user")
            }
            Self::Open | Self::Ai21 | Self::Endpoint => {
                !matches!(parameter, "reasoning_effort" | "thinking" | "user")
            }
            Self::Anthropic | Self::Embedder | Self::Speaker => true,
        }
    }

    /// Turns a request in `OpenAI`'s format into the publisher's.
    pub fn amend(self, body: &mut Map<String, Value>, target: &Target) -> Result<(), Error> {
        let deployment = target.deployment;
        parameters::check(body, deployment, &KNOWN, |name| !self.takes(name, &deployment.model))?;
        body.shift_remove("user");
        body.entry("stream").or_insert(false.into());
        if !target.call.include_usage || self == Self::Mistral {
            body.shift_remove("stream_options");
        }
        if !deployment.model.starts_with(GPT_OSS)
            && let Some(tokens) = body.shift_remove("max_completion_tokens")
        {
            body.insert("max_tokens".into(), tokens);
        }
        match self {
            Self::Endpoint => drop(body.insert("model".into(), "".into())),
            Self::Mistral => mistral(body),
            _ => {}
        }
        Ok(())
    }
}

/// What Mistral's API has no place for.
const MISTRAL_LACKS: [&str; 8] = [
    "frequency_penalty",
    "logprobs",
    "n",
    "presence_penalty",
    "reasoning_effort",
    "stream_options",
    "thinking",
    "top_logprobs",
];

/// `OpenAI`'s open models, the only ones here that take a `reasoning_effort`.
pub const GPT_OSS: &str = "openai/gpt-oss-";

/// The parameters that some publisher refuses, in the order `LiteLLM` names them.
const KNOWN: [&str; 8] = [
    "n",
    "presence_penalty",
    "frequency_penalty",
    "logprobs",
    "top_logprobs",
    "reasoning_effort",
    "thinking",
    "tool_choice",
];

/// Mistral's API has another name for the seed, and no choice of a particular tool.
fn mistral(body: &mut Map<String, Value>) {
    if let Some(seed) = body.shift_remove("seed") {
        body.insert("random_seed".into(), seed);
    }
    if body.get("tool_choice").is_some_and(Value::is_object) {
        body.shift_remove("tool_choice");
    }
}

/// The number of a deployed model.
fn number(model: &str) -> &str {
    model.strip_prefix("openai/").unwrap_or(model)
}

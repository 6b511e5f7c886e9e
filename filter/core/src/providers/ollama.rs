//! Ollama, where models go on with a prompt. <https://docs.ollama.com/api/generate>
use super::prelude::*;

pub struct This;

pub(super) const FACTS: Facts = Facts {
    slug: "ollama",
    name: "Ollama",
    docs: "https://docs.ollama.com/api/generate",
    base_url: "http://localhost:11434",
    key_env: "OLLAMA_API_KEY",
    base_env: "OLLAMA_API_BASE",
    format: Format::OllamaGenerate,
    takes: &[
        BASIC,
        TOOLS,
        &["frequency_penalty", "functions", "reasoning_effort", "response_format", "seed", "stop"],
    ],
    renames: &[("max_tokens", "num_predict"), ("max_completion_tokens", "num_predict")],
    embeds: &["dimensions"],
    ..Facts::OPENAI
};

impl Provider for This {
    fn facts(&self) -> &'static Facts {
        &FACTS
    }

    fn fit_embeddings(&self, asked: &mut Map<String, Value>, deployment: &Deployment) -> Result<(), Error> {
        embeds(asked, deployment)
    }

    /// Images are sent as they are, not as addresses.
    fn fetches(&self, _deployment: &Deployment) -> Fetches {
        Fetches::Nothing
    }
}

/// Refuses, in words of its own, what a model that embeds does not take.
pub(super) fn embeds(asked: &mut Map<String, Value>, deployment: &Deployment) -> Result<(), Error> {
    let refused = EMBEDS.iter().find_map(|name| {
        let value = asked.get(*name).filter(|_| !FACTS.embeds.contains(name))?;
        let value = value.as_str().map_or_else(|| value.to_string(), |text| format!("'{text}'"));
        Some(format!("Setting {{'{name}': {value}}} is not supported by {}.", FACTS.slug))
    });
    match refused {
        Some(words) if !deployment.switch("drop_params") => Err(unsupported_error(format!(
            "{words} To drop it from the call, set `litellm.drop_params = True`."
        ))),
        _ => check_embeddings(asked, deployment, FACTS.embeds),
    }
}

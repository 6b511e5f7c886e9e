//! Mistral's server for code, filling in the middle. <https://docs.mistral.ai/api/#tag/fim>
use super::prelude::*;

pub struct This;

impl Provider for This {
    fn facts(&self) -> &'static Facts {
        &Facts {
            slug: "text-completion-codestral",
            name: "Codestral",
            docs: "https://docs.mistral.ai/api/#tag/fim",
            base_url: "https://codestral.mistral.ai/v1",
            key_env: "CODESTRAL_API_KEY",
            base_env: "CODESTRAL_API_BASE",
            format: Format::Completions,
            takes: &[BASIC, &["seed", "stop"]],
            renames: &[("max_completion_tokens", "max_tokens"), ("seed", "random_seed")],
            ..Facts::OPENAI
        }
    }

    /// There is one middle: several texts are one in front of it.
    fn fit(&self, asked: &mut Map<String, Value>, _deployment: &Deployment) -> Result<(), Error> {
        if let Some(texts) = asked.get("prompt").and_then(Value::as_array) {
            let whole = texts.iter().map(Value::as_str).collect::<Option<String>>();
            let prompt = whole.ok_or_else(|| Error {
                param: Some("prompt".into()),
                ..Error::invalid("litellm.BadRequestError: prompt: must be a text or a list of texts")
            })?;
            asked.insert("prompt".into(), prompt.into());
        }
        Ok(())
    }

    fn path(&self, _target: &Target) -> Option<String> {
        Some("/fim/completions".into())
    }
}

//! Cohere. <https://docs.cohere.com/v2/reference/chat>
use super::prelude::*;

pub struct This;

pub(super) const FACTS: Facts = Facts {
    slug: "cohere",
    name: "Cohere",
    docs: "https://docs.cohere.com/v2/reference/chat",
    base_url: "https://api.cohere.com/v2",
    key_env: "COHERE_API_KEY",
    base_env: "COHERE_API_BASE",
    format: Format::Cohere,
    headers: &[("request-source", "unspecified:litellm")],
    takes: &[BASIC, PENALTIES, TOOLS, &["n", "seed", "stop"]],
    renames: &[
        ("max_completion_tokens", "max_tokens"),
        ("n", "num_generations"),
        ("stop", "stop_sequences"),
        ("top_p", "p"),
    ],
    embeds: &["dimensions", "encoding_format"],
    ..Facts::OPENAI
};

impl Provider for This {
    fn facts(&self) -> &'static Facts {
        &FACTS
    }

    fn base_url(&self, model: &str, _params: &Map<String, Value>) -> Cow<'static, str> {
        home(model).into()
    }

    fn refuses_as(&self) -> &'static str {
        "cohere_chat"
    }

    fn fit(&self, chat: &mut Map<String, Value>, _deployment: &Deployment) -> Result<(), Error> {
        choose(chat);
        Ok(())
    }
}

/// Models that embed are asked for at Cohere's other domain, as by `LiteLLM`.
pub(super) fn home(model: &str) -> &'static str {
    if model.starts_with("embed") { "https://api.cohere.ai/v2" } else { FACTS.base_url }
}

/// Whether tools are called is the model's own choice: only newer ones take being told.
pub(super) fn choose(chat: &mut Map<String, Value>) {
    chat.shift_remove("tool_choice");
}

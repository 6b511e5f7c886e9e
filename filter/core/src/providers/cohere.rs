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
    formats: &[(Operation::Rerank, Format::Rerank)],
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

    fn whole_path(&self, target: &Target) -> Option<String> {
        rerank_path(target)
    }

    fn fit_rerank(&self, asked: &mut Map<String, Value>, target: &Target) -> Result<(), Error> {
        fit_rerank(asked, target);
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

/// A ranking by version 1 of the API knows pieces of documents, one by version 2 their length. At home it is always
/// version 2.
fn is_version_1(target: &Target) -> bool {
    let base = target.deployment.base_url();
    let has = |name: &str| target.call.field(name).is_some_and(|value| value != "null");
    let pieces = has("max_chunks_per_doc") && !has("max_tokens_per_doc") && !base.ends_with("/v2/rerank");
    !target.deployment.at_home() && (pieces || base.ends_with("/v1/rerank"))
}

/// The path of a ranking: the base URL's, in the version that fits.
pub(super) fn rerank_path(target: &Target) -> Option<String> {
    if target.call.operation != Operation::Rerank {
        return None;
    }
    let own = target.deployment.path("");
    let root = own.strip_suffix("/rerank").unwrap_or(&own);
    let root = root.strip_suffix("/v1").or_else(|| root.strip_suffix("/v2")).unwrap_or(root);
    let version = if is_version_1(target) { "v1" } else { "v2" };
    Some(format!("{root}/{version}/rerank"))
}

/// Leaves out what the version does not know.
pub(super) fn fit_rerank(asked: &mut Map<String, Value>, target: &Target) {
    let of_version = if is_version_1(target) { "max_chunks_per_doc" } else { "max_tokens_per_doc" };
    rerank::keep(asked, &["rank_fields", "return_documents", "top_n", of_version]);
}

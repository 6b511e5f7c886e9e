//! Together. <https://docs.together.ai/reference/chat-completions-1>
use super::prelude::*;

pub struct This;

impl Provider for This {
    fn facts(&self) -> &'static Facts {
        &Facts {
            slug: "together_ai",
            name: "Together_ai",
            docs: "https://docs.together.ai/reference/chat-completions-1",
            base_url: "https://api.together.ai/v1",
            key_env: "TOGETHERAI_API_KEY",
            base_env: "TOGETHER_AI_API_BASE",
            formats: &[(Operation::Rerank, Format::Rerank)],
            reranks: &["rank_fields", "return_documents", "top_n"],
            takes: &[TEXT, ALL_TOOLS, &["reasoning_effort"]],
            gated: &[("supports_reasoning", &["reasoning_effort"])],
            messages: Rules { unknown: &["thinking_blocks"], ..Rules::PLAIN },
            extras: Extras::InAnswers,
            completes: true,
            ..Facts::OPENAI
        }
    }

    /// Pieces of documents are ranked by their best one elsewhere, not here.
    fn fit_rerank(&self, asked: &mut Map<String, Value>, target: &Target) -> Result<(), Error> {
        rerank::refuse(asked, target, "max_chunks_per_doc", "TogetherAI")?;
        rerank::keep(asked, self.facts().reranks);
        Ok(())
    }

    fn dress(&self, answer: &mut Map<String, Value>, _target: &Target) {
        rerank::tell(answer, |_| json!({}));
    }

    fn fit(&self, asked: &mut Map<String, Value>, _deployment: &Deployment) -> Result<(), Error> {
        match asked.get("prompt") {
            Some(Value::Array(_)) => Err(Error::invalid(
                "litellm.BadRequestError: Together_aiException - TogetherAI does not support multiple prompts.",
            )),
            _ => Ok(()),
        }
    }
}

//! vLLM's own server. <https://docs.vllm.ai/en/stable/serving/openai_compatible_server.html>
use super::prelude::*;

pub struct This;

impl Provider for This {
    fn facts(&self) -> &'static Facts {
        &Facts {
            slug: "hosted_vllm",
            name: "Hosted_vllm",
            docs: "https://docs.vllm.ai/en/stable/serving/openai_compatible_server.html",
            base_url: "",
            key_env: "HOSTED_VLLM_API_KEY",
            base_env: "HOSTED_VLLM_API_BASE",
            formats: &[(Operation::Rerank, Format::Rerank)],
            reranks: &["instruction", "max_tokens_per_doc", "rank_fields", "return_documents", "top_n"],
            takes: &[TEXT, ALL_TOOLS, REASONING],
            messages: Rules {
                unknown: &["thinking_blocks"],
                unknown_in_tools: &["additionalProperties", "strict"],
                ..Rules::PLAIN
            },
            extras: Extras::InAnswers,
            completes: true,
            responses: true,
            ..Facts::OPENAI
        }
    }

    fn path(&self, target: &Target) -> Option<String> {
        let bare = !target.deployment.base_url().ends_with("/v1");
        (bare && target.format() == Format::Responses).then(|| "/v1/responses".into())
    }

    /// Thinking is a matter of effort here.
    fn fit(&self, chat: &mut Map<String, Value>, _deployment: &Deployment) -> Result<(), Error> {
        let Some(thinking) = chat.shift_remove("thinking") else { return Ok(()) };
        if thinking.get("type").and_then(Value::as_str) == Some("enabled") {
            let budget = thinking.get("budget_tokens").and_then(Value::as_u64).unwrap_or(0);
            chat.entry("reasoning_effort").or_insert_with(|| effort(budget).into());
        }
        Ok(())
    }

    /// Pieces of documents are ranked by their best one elsewhere, not here.
    fn fit_rerank(&self, asked: &mut Map<String, Value>, target: &Target) -> Result<(), Error> {
        rerank::refuse(asked, target, "max_chunks_per_doc", "Hosted VLLM")?;
        rerank::keep(asked, self.facts().reranks);
        Ok(())
    }

    fn dress(&self, answer: &mut Map<String, Value>, _target: &Target) {
        rerank::tell(answer, |total| json!({ "input_tokens": total }));
    }
}

/// An effort for a budget of thoughts in tokens, by `LiteLLM`'s thresholds.
fn effort(budget: u64) -> &'static str {
    match budget {
        4096.. => "high",
        2048.. => "medium",
        1024.. => "low",
        _ => "minimal",
    }
}

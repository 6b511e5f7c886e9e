//! Hugging Face's inference providers and endpoints. <https://huggingface.co/docs/inference-providers/tasks/chat-completion>
use super::prelude::*;

pub struct This;

impl Provider for This {
    fn facts(&self) -> &'static Facts {
        &Facts {
            slug: "huggingface",
            name: "Huggingface",
            docs: "https://huggingface.co/docs/inference-providers/tasks/chat-completion",
            base_url: "https://router.huggingface.co",
            key_env: "HUGGINGFACE_API_KEY",
            base_env: "HUGGINGFACE_API_BASE",
            messages: Rules { cache_control: true, ..Rules::PLAIN },
            extras: Extras::InAnswers,
            ..Facts::OPENAI
        }
    }

    fn format_for(&self, deployment: &Deployment, operation: Operation) -> Format {
        match operation {
            Operation::Embeddings => Format::HuggingFace,
            Operation::Rerank => Format::TeiRerank,
            _ => self.usual_format(deployment, operation),
        }
    }

    fn fit_embeddings(&self, asked: &mut Map<String, Value>, deployment: &Deployment) -> Result<(), Error> {
        refuse_embeddings(asked, deployment, &[], |list| {
            format!(
                "Setting {list} is not supported by huggingface. To drop it from the call, set `litellm.drop_params = \
                 True`."
            )
        })
    }

    fn path(&self, target: &Target) -> Option<String> {
        let base = target.deployment.base_url();
        Some(if base.ends_with("/v1") { "/chat/completions" } else { "/v1/chat/completions" }.into())
    }

    /// The router is told a provider behind the model's name; `LiteLLM` has it in front.
    /// <https://huggingface.co/docs/inference-providers/index>
    fn fit(&self, chat: &mut Map<String, Value>, deployment: &Deployment) -> Result<(), Error> {
        let name = deployment.model.split_once('/').filter(|(_, model)| model.contains('/'));
        if let Some((provider, model)) = name.filter(|_| deployment.at_home()) {
            chat.insert("model".into(), format!("{model}:{provider}").into());
        }
        Ok(())
    }
}

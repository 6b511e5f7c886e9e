//! IBM watsonx.ai. <https://cloud.ibm.com/apidocs/watsonx-ai#text-chat>
use super::prelude::*;
use crate::wire::watsonx;

pub struct This;

impl Provider for This {
    fn facts(&self) -> &'static Facts {
        &Facts {
            slug: "watsonx",
            name: "Watsonx",
            docs: "https://cloud.ibm.com/apidocs/watsonx-ai#text-chat",
            base_url: "",
            key_env: "WATSONX_API_KEY",
            base_env: "WATSONX_API_BASE",
            tokens: Tokens::Ibm,
            takes: &[
                PENALTIES,
                TOOLS,
                &["logprobs", "max_tokens", "n", "reasoning_effort", "response_format", "seed", "stop"],
                &["stream", "temperature", "top_logprobs", "top_p"],
            ],
            messages: Rules {
                cache_control: true,
                unknown_in_tools: &["additionalProperties", "strict"],
                ..Rules::PLAIN
            },
            embeds: &[],
            extras: Extras::InAnswers,
            ..Facts::OPENAI
        }
    }

    fn format_for(&self, deployment: &Deployment, operation: Operation) -> Format {
        match operation {
            Operation::Embeddings => Format::WatsonxEmbeddings,
            Operation::Rerank => Format::WatsonxRerank,
            _ => self.usual_format(deployment, operation),
        }
    }

    fn path(&self, target: &Target) -> Option<String> {
        let endpoint = if target.call.stream { "chat_stream" } else { "chat" };
        Some(watsonx::path(target.deployment, endpoint))
    }

    /// It wants to be told either way whether to stream, and has two fields for what is one in `OpenAI`'s API.
    fn fit(&self, chat: &mut Map<String, Value>, deployment: &Deployment) -> Result<(), Error> {
        chat.entry("stream").or_insert(Value::Bool(false));
        if let Some(mode) = chat.get("tool_choice").filter(|choice| choice.is_string()).cloned() {
            chat.shift_remove("tool_choice");
            chat.insert("tool_choice_option".into(), mode);
        }
        let identity = watsonx::identity(chat, deployment);
        chat.extend(identity);
        if watsonx::own(deployment).is_some() {
            chat.insert("model".into(), "".into());
        }
        Ok(())
    }
}

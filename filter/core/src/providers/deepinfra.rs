//! `DeepInfra`. <https://deepinfra.com/docs/openai_api>
use super::prelude::*;

pub struct This;

impl Provider for This {
    fn facts(&self) -> &'static Facts {
        &Facts {
            slug: "deepinfra",
            name: "Deepinfra",
            docs: "https://deepinfra.com/docs/openai_api",
            base_url: "https://api.deepinfra.com/v1/openai",
            key_env: "DEEPINFRA_API_KEY",
            base_env: "DEEPINFRA_API_BASE",
            formats: &[(Operation::Rerank, Format::DeepInfraRerank)],
            takes: &[
                BASIC,
                TOOLS,
                PENALTIES,
                &[
                    "function_call",
                    "functions",
                    "logit_bias",
                    "n",
                    "reasoning_effort",
                    "response_format",
                    "stop",
                ],
            ],
            renames: &[("max_completion_tokens", "max_tokens")],
            gated: &[("supports_reasoning", &["reasoning_effort"])],
            messages: Rules { content: Content::TextInResults, ..Rules::PLAIN },
            ..Facts::OPENAI
        }
    }

    /// <https://deepinfra.com/docs/advanced/function_calling>
    fn fit(&self, chat: &mut Map<String, Value>, deployment: &Deployment) -> Result<(), Error> {
        // The one model that cannot be quite certain.
        let zero = chat.get("temperature").and_then(Value::as_f64) == Some(0.0);
        if zero && deployment.model == "mistralai/Mistral-7B-Instruct-v0.1" {
            chat.insert("temperature".into(), json!(0.0001));
        }
        let Some(choice) = chat.shift_remove("tool_choice") else { return Ok(()) };
        if matches!(choice.as_str(), Some("auto" | "none")) || deployment.switch("drop_params") {
            return Ok(());
        }
        let choice = choice.as_str().map_or_else(|| choice.to_string(), str::to_owned);
        Err(unsupported_error(format!(
            "Deepinfra doesn't support tool_choice={choice}. To drop unsupported openai params from the call, set \
             `litellm.drop_params = True`"
        )))
    }

    /// What it does not have in common with `OpenAI` is beside what it has.
    fn whole_path(&self, target: &Target) -> Option<String> {
        if target.format() != Format::DeepInfraRerank {
            return None;
        }
        let own = target.deployment.path("");
        let root = own.strip_suffix("/openai").unwrap_or(&own);
        Some(format!("{root}{}", target.wire().path(target)))
    }
}

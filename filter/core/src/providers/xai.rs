//! `xAI`. <https://docs.x.ai/docs/api-reference>
use super::prelude::*;

pub struct This;

impl Provider for This {
    fn facts(&self) -> &'static Facts {
        &Facts {
            slug: "xai",
            name: "Xai",
            docs: "https://docs.x.ai/docs/api-reference",
            base_url: "https://api.x.ai/v1",
            key_env: "XAI_API_KEY",
            base_env: "XAI_API_BASE",
            takes: &[
                BASIC,
                TOOLS,
                PENALTIES,
                PROBABILITIES,
                &[
                    "n",
                    "parallel_tool_calls",
                    "reasoning_effort",
                    "response_format",
                    "seed",
                    "stop",
                    "stream_options",
                    "user",
                    "web_search_options",
                ],
            ],
            gated: &[("supports_reasoning", &["reasoning_effort"])],
            renames: &[("max_completion_tokens", "max_tokens")],
            messages: Rules { named: &["user"], unknown_in_tools: &["strict"], ..Rules::PLAIN },
            extras: Extras::InAnswers,
            ..Facts::OPENAI
        }
    }

    fn takes(&self, parameter: &str, deployment: &Deployment) -> bool {
        let is = |names: &[&str]| names.iter().any(|name| deployment.model.contains(name));
        match parameter {
            "stop" => !is(&["grok-3-mini", "grok-4", "grok-code-fast"]),
            "frequency_penalty" => !is(&["grok-4", "grok-code-fast"]),
            name => self.facts().takes(name, deployment),
        }
    }

    /// Searching is for the Responses API only.
    fn fit(&self, chat: &mut Map<String, Value>, _deployment: &Deployment) -> Result<(), Error> {
        chat.shift_remove("web_search_options");
        Ok(())
    }
}

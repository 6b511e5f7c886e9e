//! `xAI`. <https://docs.x.ai/docs/api-reference>
use super::{bridge, prelude::*};

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
            responses: true,
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
    fn format_of(&self, deployment: &Deployment, call: &Call) -> Format {
        let asked = call.field("web_search_options").is_some_and(|options| options != "null");
        let searches = asked || deployment.params.contains_key("web_search_options");
        match call.operation {
            operation if operation.is_chat() && (searches || bridge::is_only(deployment)) => {
                Format::Responses
            }
            operation => self.format_for(deployment, operation),
        }
    }

    /// <https://docs.x.ai/docs/guides/tools/overview>
    fn fit_responses(&self, asked: &mut Map<String, Value>, _deployment: &Deployment) -> Result<(), Error> {
        asked.shift_remove("metadata");
        let tools = asked.get_mut("tools").and_then(Value::as_array_mut).into_iter().flatten();
        for tool in tools.filter_map(Value::as_object_mut) {
            match tool.get("type").and_then(Value::as_str) {
                Some("code_interpreter") => tool.retain(|name, _| name == "type"),
                Some("web_search") => narrow(tool),
                _ => {}
            }
        }
        Ok(())
    }
}

/// A search knows no place and no size here, but domains.
fn narrow(tool: &mut Map<String, Value>) {
    const DOMAINS: [&str; 2] = ["allowed_domains", "excluded_domains"];
    let mut given = match tool.shift_remove("filters") {
        Some(Value::Object(filters)) => filters,
        _ => tool.clone(),
    };
    given.retain(|name, _| DOMAINS.contains(&name.as_str()));
    tool.retain(|name, _| matches!(name.as_str(), "type" | "enable_image_understanding"));
    if !given.is_empty() {
        tool.insert("filters".into(), given.into());
    }
}

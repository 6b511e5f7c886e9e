//! Groq. <https://console.groq.com/docs/api-reference>
use super::{json_tool, prelude::*};

pub struct This;

impl Provider for This {
    fn facts(&self) -> &'static Facts {
        &Facts {
            slug: "groq",
            name: "Groq",
            docs: "https://console.groq.com/docs/api-reference",
            base_url: "https://api.groq.com/openai/v1",
            key_env: "GROQ_API_KEY",
            base_env: "GROQ_API_BASE",
            takes: &[TEXT, ALL_TOOLS, &["reasoning_effort"]],
            gated: &[("supports_reasoning", &["reasoning_effort"])],
            renames: &[("max_completion_tokens", "max_tokens")],
            transcribes: &["language", "prompt", "response_format", "temperature"],
            extras: Extras::InAnswers,
            ..Facts::OPENAI
        }
    }

    fn takes(&self, parameter: &str, deployment: &Deployment) -> bool {
        match parameter {
            "web_search_options" => {
                is_compound(deployment) || deployment.supports("supports_web_search") == Some(true)
            }
            name => self.facts().takes(name, deployment),
        }
    }

    fn fit(&self, chat: &mut Map<String, Value>, deployment: &Deployment) -> Result<(), Error> {
        search(chat, deployment);
        hold_to_schema(chat, deployment)
    }

    /// No subtitles.
    fn fit_transcription(
        &self,
        asked: &mut Map<String, Value>,
        deployment: &Deployment,
    ) -> Result<(), Error> {
        check_transcription(asked, deployment, self.facts().transcribes)?;
        let format = asked.get("response_format").and_then(Value::as_str).unwrap_or("json");
        if matches!(format, "json" | "text" | "verbose_json") {
            return Ok(());
        }
        if !deployment.switch("drop_params") {
            return Err(unsupported_error(format!(
                "Groq doesn't support response_format={format}. To drop unsupported openai params from the call, set \
                 `litellm.drop_params = True`"
            )));
        }
        asked.shift_remove("response_format");
        Ok(())
    }

    fn reads(&self, has: &dyn Fn(&str) -> bool) -> bool {
        has("response_format") || has("web_search_options")
    }

    fn finish(&self) -> Option<Finish> {
        Some(Finish::Always(finish))
    }
}

/// Systems that search the web by themselves.
fn is_compound(deployment: &Deployment) -> bool {
    matches!(deployment.model.as_str(), "compound" | "compound-mini" | "groq/compound" | "groq/compound-mini")
}

/// Searching is a tool of theirs. <https://console.groq.com/docs/browser-search>
fn search(chat: &mut Map<String, Value>, deployment: &Deployment) {
    if chat.shift_remove("web_search_options").is_none() || is_compound(deployment) {
        return;
    }
    let search = json!({ "type": "browser_search" });
    match chat.get_mut("tools").and_then(Value::as_array_mut) {
        Some(tools) if tools.iter().any(|tool| tool.get("type") == search.get("type")) => {}
        Some(tools) => tools.push(search),
        None => drop(chat.insert("tools".into(), json!([search]))),
    }
}

/// Where a model has no structured outputs, a tool takes the answer.
/// <https://console.groq.com/docs/structured-outputs#supported-models>
fn hold_to_schema(chat: &mut Map<String, Value>, deployment: &Deployment) -> Result<(), Error> {
    let asked = chat.get("response_format").is_some_and(json_tool::has_schema);
    if !asked || deployment.supports("supports_response_schema") == Some(true) {
        return Ok(());
    }
    if chat.contains_key("tools") {
        return Err(Error::invalid(format!(
            "litellm.BadRequestError: Groq model '{}' does not support native structured outputs. LiteLLM uses a \
             tool-calling workaround for structured outputs on this model, which is incompatible with user-provided \
             tools. Either use a model that supports native structured outputs (e.g., gpt-oss-120b, llama-4, kimi-k2), \
             or remove the tools parameter. See: https://console.groq.com/docs/structured-outputs#supported-models",
            deployment.model
        )));
    }
    json_tool::require(chat);
    Ok(())
}

/// The schema's tool was none of the client's, and `OpenAI`'s clients know three tiers.
fn finish(answer: &mut Map<String, Value>) {
    json_tool::unwrap(answer);
    let tier = answer.get("service_tier").and_then(Value::as_str);
    if !matches!(tier, Some("auto" | "default" | "flex")) {
        answer.insert("service_tier".into(), "auto".into());
    }
}

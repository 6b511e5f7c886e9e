//! Groq. <https://console.groq.com/docs/api-reference>
use super::prelude::*;

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

    fn reads(&self) -> bool {
        true
    }

    fn finish(&self) -> Option<fn(&mut Map<String, Value>)> {
        Some(name_tier)
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
    let format = chat.get("response_format");
    let schema =
        format.and_then(|format| format.get("response_schema").or_else(|| format.pointer("/json_schema/schema")));
    let Some(schema) = schema.filter(|_| deployment.supports("supports_response_schema") != Some(true)).cloned()
    else {
        return Ok(());
    };
    if chat.contains_key("tools") {
        return Err(Error::invalid(format!(
            "litellm.BadRequestError: Groq model '{}' does not support native structured outputs. LiteLLM uses a \
             tool-calling workaround for structured outputs on this model, which is incompatible with user-provided \
             tools. Either use a model that supports native structured outputs (e.g., gpt-oss-120b, llama-4, kimi-k2), \
             or remove the tools parameter. See: https://console.groq.com/docs/structured-outputs#supported-models",
            deployment.model
        )));
    }
    chat.shift_remove("response_format");
    let name = json!({ "name": JSON_TOOL });
    chat.insert("tools".into(), json!([{ "type": "function", "function": { "name": JSON_TOOL, "parameters": schema } }]));
    chat.insert("tool_choice".into(), json!({ "type": "function", "function": name }));
    Ok(())
}

/// The tool that takes an answer in JSON.
const JSON_TOOL: &str = "json_tool_call";

/// `OpenAI`'s clients know three tiers.
fn name_tier(answer: &mut Map<String, Value>) {
    let tier = answer.get("service_tier").and_then(Value::as_str);
    if !matches!(tier, Some("auto" | "default" | "flex")) {
        answer.insert("service_tier".into(), "auto".into());
    }
}

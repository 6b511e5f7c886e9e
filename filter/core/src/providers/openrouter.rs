//! `OpenRouter`. <https://openrouter.ai/docs/api-reference/overview>
use super::prelude::*;

pub struct This;

impl Provider for This {
    fn facts(&self) -> &'static Facts {
        &Facts {
            slug: "openrouter",
            name: "Openrouter",
            docs: "https://openrouter.ai/docs/api-reference/overview",
            base_url: "https://openrouter.ai/api/v1",
            key_env: "OPENROUTER_API_KEY",
            base_env: "OPENROUTER_API_BASE",
            formats: &[(Operation::Images, Format::ChatImages)],
            draws: &["n", "quality", "size"],
            headers: &[("http-referer", "https://litellm.ai"), ("x-title", "liteLLM")],
            takes: &[TEXT, ALL_TOOLS, REASONING],
            extras: Extras::InAnswers,
            responses: true,
            ..Facts::OPENAI
        }
    }

    fn fit(&self, chat: &mut Map<String, Value>, deployment: &Deployment) -> Result<(), Error> {
        // What an answer cost is told only to those who ask.
        chat.entry("usage").or_insert_with(|| json!({ "include": true }));
        if chat.get("reasoning_effort").and_then(Value::as_str) == Some("max") {
            chat.insert("reasoning_effort".into(), "xhigh".into());
        }
        let messages = chat.get_mut("messages").and_then(Value::as_array_mut);
        for message in messages.into_iter().flatten().filter(|_| caches(deployment)) {
            mark_content(message);
        }
        Ok(())
    }

    fn reads(&self, _has: &dyn Fn(&str) -> bool) -> bool {
        true
    }

    fn rules(&self, deployment: &Deployment) -> Rules {
        Rules { cache_control: caches(deployment), ..Rules::PLAIN }
    }
}

/// <https://openrouter.ai/docs/features/prompt-caching>
fn caches(deployment: &Deployment) -> bool {
    let model = deployment.model.to_lowercase();
    ["claude", "gemini", "minimax", "glm", "z-ai"].iter().any(|name| model.contains(name))
}

/// A mark for the cache belongs to the last part of a message, not to the message.
fn mark_content(message: &mut Value) {
    let Some(message) = message.as_object_mut() else { return };
    let Some(mark) = message.shift_remove("cache_control").filter(|mark| !mark.is_null()) else { return };
    match message.get_mut("content") {
        Some(Value::Array(parts)) => {
            if let Some(last) = parts.last_mut().and_then(Value::as_object_mut) {
                last.insert("cache_control".into(), mark);
            }
        }
        Some(content) => {
            *content = json!([{ "type": "text", "text": content.take(), "cache_control": mark }]);
        }
        None => {}
    }
}

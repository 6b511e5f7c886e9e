//! Moonshot. <https://platform.moonshot.ai/docs/api/chat>
use super::prelude::*;

pub struct This;

impl Provider for This {
    fn facts(&self) -> &'static Facts {
        &Facts {
            slug: "moonshot",
            name: "Moonshot",
            docs: "https://platform.moonshot.ai/docs/api/chat",
            base_url: "https://api.moonshot.ai/v1",
            key_env: "MOONSHOT_API_KEY",
            base_env: "MOONSHOT_API_BASE",
            renames: &[("max_completion_tokens", "max_tokens")],
            messages: Rules { content: Content::TextIfPlain, ..Rules::PLAIN },
            takes: &[TEXT, ALL_TOOLS, &["reasoning_effort"]],
            gated: &[("supports_reasoning", &["reasoning_effort"])],
            completes: true,
            ..Facts::OPENAI
        }
    }

    fn takes(&self, parameter: &str, deployment: &Deployment) -> bool {
        match parameter {
            "functions" => false,
            "tools" | "tool_choice" => !deployment.model.contains("kimi-thinking-preview"),
            name => self.facts().takes(name, deployment),
        }
    }

    fn fit(&self, chat: &mut Map<String, Value>, deployment: &Deployment) -> Result<(), Error> {
        if let Some(effort) = chat.get("reasoning_effort").and_then(|effort| effort.get("effort")).cloned() {
            chat.insert("reasoning_effort".into(), effort);
        }
        fit_temperature(chat, deployment);
        require_by_words(chat);
        Ok(())
    }

    fn reads(&self, has: &dyn Fn(&str) -> bool) -> bool {
        has("tool_choice")
    }
}

/// From 0 to 1, not below 0.3 for several answers, and nothing but the default for a model that reasons.
fn fit_temperature(chat: &mut Map<String, Value>, deployment: &Deployment) {
    let Some(given) = chat.get("temperature").and_then(Value::as_f64) else { return };
    if deployment.supports("supports_reasoning") == Some(true) {
        chat.shift_remove("temperature");
        return;
    }
    let several = chat.get("n").and_then(Value::as_u64).is_some_and(|n| n > 1);
    let fit = if several { given.clamp(0.3, 1.0) } else { given.min(1.0) };
    if fit.to_bits() != given.to_bits() {
        chat.insert("temperature".into(), json!(fit));
    }
}

/// A call of a tool cannot be required, only asked for.
/// <https://platform.moonshot.ai/docs/guide/migrating-from-openai-to-kimi#about-tool_choice>
fn require_by_words(chat: &mut Map<String, Value>) {
    if chat.get("tool_choice").and_then(Value::as_str) != Some("required") {
        return;
    }
    chat.shift_remove("tool_choice");
    if let Some(messages) = chat.get_mut("messages").and_then(Value::as_array_mut) {
        let words = "Please select a tool to handle the current issue.";
        messages.push(json!({ "role": "user", "content": words }));
    }
}

//! Mistral. <https://docs.mistral.ai/api/>
use super::prelude::*;

pub struct This;

impl Provider for This {
    fn facts(&self) -> &'static Facts {
        &Facts {
            slug: "mistral",
            name: "Mistral",
            docs: "https://docs.mistral.ai/api/",
            base_url: "https://api.mistral.ai/v1",
            key_env: "MISTRAL_API_KEY",
            base_env: "MISTRAL_API_BASE",
            takes: &[BASIC, TOOLS, REASONING, &["parallel_tool_calls", "response_format", "seed", "stop"]],
            renames: &[("max_completion_tokens", "max_tokens"), ("seed", "random_seed")],
            messages: Rules {
                content: Content::TextIfPlain,
                named: &["tool"],
                unknown: &["reasoning_content", "thinking_blocks"],
                unknown_in_tools: &["$id", "$schema", "additionalProperties", "strict"],
                ..Rules::PLAIN
            },
            embeds: &["encoding_format"],
            extras: Extras::InAnswers,
            ..Facts::OPENAI
        }
    }

    /// Effort is a parameter of some models; Magistral thinks without being asked.
    fn takes(&self, parameter: &str, deployment: &Deployment) -> bool {
        let thinks = deployment.model.contains("magistral");
        match parameter {
            "thinking" => thinks,
            "reasoning_effort" => thinks || deployment.supports("supports_reasoning") == Some(true),
            name => self.facts().takes(name, deployment),
        }
    }

    fn fit(&self, chat: &mut Map<String, Value>, deployment: &Deployment) -> Result<(), Error> {
        if deployment.model.contains("magistral") {
            chat.shift_remove("reasoning_effort");
            chat.shift_remove("thinking");
        }
        name_tool_choice(chat);
        if let Some(messages) = chat.get_mut("messages").and_then(Value::as_array_mut) {
            messages.retain(|message| !is_empty_turn(message));
            messages.iter_mut().for_each(name_files);
            messages.iter_mut().for_each(bare_calls);
        }
        Ok(())
    }

    fn reads(&self, _has: &dyn Fn(&str) -> bool) -> bool {
        true
    }
}

/// `any` is its word for `required`; a tool cannot be named.
pub(super) fn name_tool_choice(chat: &mut Map<String, Value>) {
    match chat.get("tool_choice") {
        Some(Value::String(mode)) if mode == "required" => {
            chat.insert("tool_choice".into(), "any".into());
        }
        Some(Value::Object(_)) => drop(chat.shift_remove("tool_choice")),
        _ => {}
    }
}

/// The model has said nothing and called nothing: such a turn is refused.
fn is_empty_turn(message: &Value) -> bool {
    let nothing = |name| match message.get(name) {
        None | Some(Value::Null) => true,
        Some(Value::String(text)) => text.is_empty(),
        Some(Value::Array(list)) => list.is_empty(),
        Some(_) => false,
    };
    matches!(message.get("role").and_then(Value::as_str), Some("assistant" | "system"))
        && nothing("content")
        && nothing("tool_calls")
        && nothing("function_call")
}

/// An uploaded file is named in the part itself.
fn name_files(message: &mut Value) {
    let parts = message.get_mut("content").and_then(Value::as_array_mut);
    for part in parts.into_iter().flatten().filter_map(Value::as_object_mut) {
        if let Some(id) = part.get("file").and_then(|file| file.get("file_id")).cloned() {
            part.shift_remove("file");
            part.insert("file_id".into(), id);
        }
    }
}

/// A call is its id, its type and its function.
fn bare_calls(message: &mut Value) {
    let calls = message.get_mut("tool_calls").and_then(Value::as_array_mut);
    for call in calls.into_iter().flatten().filter_map(Value::as_object_mut) {
        call.retain(|name, _| matches!(name.as_str(), "id" | "type" | "function"));
    }
}

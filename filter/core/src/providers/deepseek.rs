//! `DeepSeek`. <https://api-docs.deepseek.com/api/create-chat-completion>
use super::prelude::*;

pub struct This;

impl Provider for This {
    fn facts(&self) -> &'static Facts {
        &Facts {
            slug: "deepseek",
            name: "Deepseek",
            docs: "https://api-docs.deepseek.com/api/create-chat-completion",
            base_url: "https://api.deepseek.com/beta",
            key_env: "DEEPSEEK_API_KEY",
            base_env: "DEEPSEEK_API_BASE",
            takes: &[TEXT, ALL_TOOLS, REASONING],
            messages: Rules { content: Content::Text, ..Rules::PLAIN },
            extras: Extras::InAnswers,
            ..Facts::OPENAI
        }
    }

    /// Thinking is on or off: there is no budget and no effort. <https://api-docs.deepseek.com/guides/thinking_mode>
    fn fit(&self, chat: &mut Map<String, Value>, _deployment: &Deployment) -> Result<(), Error> {
        keep_functions(chat);
        let effort = chat.shift_remove("reasoning_effort");
        let thinking = chat.shift_remove("thinking");
        let kind = thinking.as_ref().and_then(|thinking| thinking.get("type")?.as_str());
        let kind = match (kind.filter(|kind| matches!(*kind, "enabled" | "disabled")), effort) {
            (Some(kind), _) => kind,
            (None, Some(effort)) if effort == "none" => "disabled",
            (None, Some(_)) => "enabled",
            (None, None) => return Ok(()),
        };
        chat.insert("thinking".into(), json!({ "type": kind }));
        Ok(())
    }

    fn reads(&self, has: &dyn Fn(&str) -> bool) -> bool {
        has("tools")
    }
}

/// It knows no other tools.
fn keep_functions(chat: &mut Map<String, Value>) {
    let Some(tools) = chat.get_mut("tools").and_then(Value::as_array_mut) else { return };
    tools.retain(|tool| tool.get("type").and_then(Value::as_str) == Some("function"));
    if tools.is_empty() {
        chat.shift_remove("tools");
        chat.shift_remove("tool_choice");
    }
}

//! `GitHub` Copilot. <https://docs.github.com/en/copilot>
use super::prelude::*;

pub struct This;

impl Provider for This {
    fn facts(&self) -> &'static Facts {
        &Facts {
            slug: "github_copilot",
            name: "Github_copilot",
            docs: "https://docs.github.com/en/copilot",
            base_url: "https://api.githubcopilot.com",
            key_env: "GITHUB_COPILOT_API_KEY",
            base_env: "GITHUB_COPILOT_API_BASE",
            tokens: Tokens::GitHubCopilot,
            headers: &[
                ("copilot-integration-id", "vscode-chat"),
                ("editor-plugin-version", "copilot-chat/0.26.7"),
                ("editor-version", "vscode/1.95.0"),
                ("openai-intent", "conversation-panel"),
                ("x-github-api-version", "2025-04-01"),
                ("x-vscode-user-agent-library-version", "electron-fetch"),
            ],
            takes: &[TEXT, ALL_TOOLS, REASONING],
            messages: Rules { cache_control: true, ..Rules::PLAIN },
            ..Facts::OPENAI
        }
    }

    fn takes(&self, parameter: &str, deployment: &Deployment) -> bool {
        let thinks = deployment.model.contains("claude") || !REASONING.contains(&parameter);
        thinks && self.facts().takes(parameter, deployment)
    }

    /// Not every model behind it knows a system's messages.
    fn fit(&self, chat: &mut Map<String, Value>, _deployment: &Deployment) -> Result<(), Error> {
        for name in REASONING {
            chat.shift_remove(*name); // without effect there, and not refused
        }
        let messages = chat.get_mut("messages").and_then(Value::as_array_mut);
        for message in messages.into_iter().flatten().filter_map(Value::as_object_mut) {
            if matches!(message.get("role").and_then(Value::as_str), Some("developer" | "system")) {
                message.insert("role".into(), "assistant".into());
            }
        }
        Ok(())
    }

    fn reads(&self, _has: &dyn Fn(&str) -> bool) -> bool {
        true
    }
}

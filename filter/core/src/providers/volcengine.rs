//! Volcengine's Ark. <https://www.volcengine.com/docs/82379/1494384>
use super::prelude::*;

pub struct This;

impl Provider for This {
    fn facts(&self) -> &'static Facts {
        &Facts {
            slug: "volcengine",
            name: "Volcengine",
            docs: "https://www.volcengine.com/docs/82379/1494384",
            base_url: "https://ark.cn-beijing.volces.com/api/v3",
            key_env: "VOLCENGINE_API_KEY",
            base_env: "VOLCENGINE_API_BASE",
            takes: &[
                BASIC,
                TOOLS,
                PENALTIES,
                PROBABILITIES,
                &["function_call", "functions", "n", "seed", "stop", "stream_options", "thinking"],
            ],
            renames: &[("max_completion_tokens", "max_tokens")],
            embeds: &["encoding_format", "user"],
            ..Facts::OPENAI
        }
    }

    /// <https://www.volcengine.com/docs/82379/1449737#0002>
    fn fit(&self, chat: &mut Map<String, Value>, _deployment: &Deployment) -> Result<(), Error> {
        let kind = chat.get("thinking").and_then(|thinking| thinking.get("type")?.as_str());
        if !matches!(kind, Some("enabled" | "disabled" | "auto")) {
            chat.shift_remove("thinking");
        }
        Ok(())
    }
}

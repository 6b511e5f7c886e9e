//! `DataRobot`. <https://docs.datarobot.com/en/docs/gen-ai/genai-code/dr-llm-gateway.html>
use super::prelude::*;

pub struct This;

impl Provider for This {
    fn facts(&self) -> &'static Facts {
        &Facts {
            slug: "datarobot",
            name: "Datarobot",
            docs: "https://docs.datarobot.com/en/docs/gen-ai/genai-code/dr-llm-gateway.html",
            base_url: "https://app.datarobot.com",
            key_env: "DATAROBOT_API_TOKEN",
            base_env: "DATAROBOT_ENDPOINT",
            renames: &[("max_completion_tokens", "max_tokens")],
            extras: Extras::InAnswers,
            ..Facts::OPENAI
        }
    }

    /// Its gateway is below its own address; a deployment is where it is.
    fn path(&self, target: &Target) -> Option<String> {
        let base = target.deployment.base_url();
        let below =
            if base.contains("/deployments/") { "/" } else { "/api/v2/genai/llmgw/chat/completions/" };
        Some(below.into())
    }
}

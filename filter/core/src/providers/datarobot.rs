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
            ..Facts::OPENAI
        }
    }
}

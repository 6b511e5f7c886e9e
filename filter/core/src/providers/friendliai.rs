//! `FriendliAI`. <https://friendli.ai/docs/openapi/serverless/chat-completions>
use super::prelude::*;

pub struct This;

impl Provider for This {
    fn facts(&self) -> &'static Facts {
        &Facts {
            slug: "friendliai",
            name: "Friendliai",
            docs: "https://friendli.ai/docs/openapi/serverless/chat-completions",
            base_url: "https://api.friendli.ai/serverless/v1",
            key_env: "FRIENDLI_TOKEN",
            base_env: "FRIENDLI_API_BASE",
            renames: &[("max_completion_tokens", "max_tokens")],
            ..Facts::OPENAI
        }
    }
}

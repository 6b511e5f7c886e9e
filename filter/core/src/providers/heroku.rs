//! Heroku's managed inference. <https://devcenter.heroku.com/articles/heroku-inference-api-v1-chat-completions>
use super::prelude::*;

pub struct This;

impl Provider for This {
    fn facts(&self) -> &'static Facts {
        &Facts {
            slug: "heroku",
            name: "Heroku",
            docs: "https://devcenter.heroku.com/articles/heroku-inference-api-v1-chat-completions",
            base_url: "https://us.inference.heroku.com",
            key_env: "HEROKU_API_KEY",
            base_env: "HEROKU_API_BASE",
            messages: Rules { content: Content::Text, ..Rules::PLAIN },
            extras: Extras::InAnswers,
            ..Facts::OPENAI
        }
    }

    fn path(&self, _target: &Target) -> Option<String> {
        Some("/v1/chat/completions".into())
    }
}

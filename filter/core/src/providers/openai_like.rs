//! Anything that speaks `OpenAI`'s format at the address the deployment gives.
use super::prelude::*;
use crate::wire::openai::families;

pub struct This;

impl Provider for This {
    fn facts(&self) -> &'static Facts {
        &Facts {
            slug: "openai_like",
            name: "OpenAILike",
            base_url: "",
            key_env: "OPENAI_LIKE_API_KEY",
            base_env: "OPENAI_LIKE_API_BASE",
            asks_usage: true,
            ..Facts::OPENAI
        }
    }
    fn takes(&self, parameter: &str, deployment: &Deployment) -> bool {
        families::takes(parameter, deployment)
    }

    fn fit(&self, chat: &mut Map<String, Value>, deployment: &Deployment) -> Result<(), Error> {
        families::fit(chat, deployment)
    }

    fn rules(&self, deployment: &Deployment) -> Rules {
        families::rules(deployment)
    }
}

//! `OpenAI`. <https://platform.openai.com/docs/api-reference>
use super::prelude::*;
use crate::wire::openai::families;

pub struct This;

impl Provider for This {
    fn facts(&self) -> &'static Facts {
        &Facts::OPENAI
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

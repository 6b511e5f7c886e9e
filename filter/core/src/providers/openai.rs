//! `OpenAI`. <https://platform.openai.com/docs/api-reference>
use super::{bridge, prelude::*};
use crate::wire::{openai::families, responses};

pub struct This;

impl Provider for This {
    fn facts(&self) -> &'static Facts {
        &Facts { asks_usage: true, responses: true, ..Facts::OPENAI }
    }

    /// Messages are nearer to the Responses API, where that is sure to be.
    fn format_of(&self, deployment: &Deployment, call: &Call) -> Format {
        match call.operation {
            Operation::Messages if deployment.at_home() => Format::Responses,
            _ if bridge::is_needed(deployment, call) => Format::Responses,
            operation => self.format_for(deployment, operation),
        }
    }

    fn price_names(&self, model: &str) -> Vec<String> {
        vec![responses::name(model).to_owned()]
    }

    fn fit_responses(&self, asked: &mut Map<String, Value>, deployment: &Deployment) -> Result<(), Error> {
        bridge::fit_effort(asked, deployment)
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

    /// Only newer models have vectors of several lengths.
    fn fit_embeddings(&self, asked: &mut Map<String, Value>, deployment: &Deployment) -> Result<(), Error> {
        let fixed = deployment.at_home() && !deployment.model.contains("text-embedding-3");
        if !fixed || !asked.contains_key("dimensions") {
            return Ok(());
        }
        if !deployment.switch("drop_params") {
            return Err(unsupported_error(
                "Setting dimensions is not supported for OpenAI `text-embedding-3` and later models. To drop it from \
                 the call, set `litellm.drop_params = True`.",
            ));
        }
        asked.shift_remove("dimensions");
        Ok(())
    }
}

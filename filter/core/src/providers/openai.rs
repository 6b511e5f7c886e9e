//! `OpenAI`. <https://platform.openai.com/docs/api-reference>
use super::{bridge, prelude::*};
use crate::wire::{openai::families, responses};

pub struct This;

impl Provider for This {
    fn facts(&self) -> &'static Facts {
        &Facts { asks_usage: true, completes: true, responses: true, ..Facts::OPENAI }
    }

    /// Models that chat are not asked for texts alone, by `LiteLLM`'s rule; what is not in the price table may be
    /// anybody's model behind the same API.
    fn format_for(&self, deployment: &Deployment, operation: Operation) -> Format {
        let mode = deployment.facts.get("mode").and_then(Value::as_str);
        match operation {
            Operation::Completions if mode.is_some_and(|mode| mode != "completion") => {
                self.format(deployment)
            }
            _ => self.usual_format(deployment, operation),
        }
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

    /// Whisper tells how long a recording is, which is what it costs, only where it is asked for all it knows.
    fn fit_transcription(
        &self,
        asked: &mut Map<String, Value>,
        deployment: &Deployment,
    ) -> Result<(), Error> {
        if deployment.model.starts_with("whisper") {
            asked.entry("response_format").or_insert_with(|| "verbose_json".into());
        }
        Ok(())
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

    fn draws(&self, parameter: &str, deployment: &Deployment) -> bool {
        families::draws(parameter, families::Painter::of(&deployment.model))
    }
}

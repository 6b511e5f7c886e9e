//! A client and an upstream that both speak Google's API: what one says reaches the other as it was said.

use super::relay::Relay;
use crate::{
    error::Error,
    fields::Fields,
    operation::Operation,
    parameters,
    translate::{Answer, Flow, Outgoing, Pairing},
    usage::Usage,
    wire::{Target, gemini},
};
use serde_json::{Map, Value};

/// The pair.
pub struct Native;

impl Pairing for Native {
    fn request(&self, target: &Target) -> Result<Outgoing, Error> {
        let mut fields = target.call.fields();
        // Names the model in the path, says what is streamed in the method, and steers nothing else.
        fields.retain(|name, _| !matches!(name, "model" | "stream") && !name.starts_with("litellm_"));
        let settings = target.deployment.params.get("safety_settings").map(Value::to_string);
        let given = |name: &str| fields.get(name).is_some();
        let counts = target.call.operation == Operation::CountContent;
        let settings = settings.filter(|_| !counts && !given("safetySettings") && !given("safety_settings"));
        let added: Vec<(&str, &str)> =
            settings.iter().map(|text| ("safetySettings", text.as_str())).collect();
        let mut body = Vec::with_capacity(target.call.body.len().saturating_add(64));
        fields.write(&added, &mut body);
        let wire = target.wire();
        let none = Map::new();
        let extra = parameters::apply(&mut Map::new(), target.deployment);
        Ok(Outgoing::json(target.path(), wire.join(wire.headers(&none, target), extra), body))
    }

    fn answer(&self, body: &[u8], target: &Target) -> Result<Answer, Error> {
        let facts = target.provider().facts();
        let fields = Fields::of(body).map_err(|e| Error::unreadable(facts, body, &e))?;
        let part = |name: &str| fields.get(name).and_then(|text| serde_json::from_str::<Value>(text).ok());
        if let Some(error) = part("error").filter(|error| !error.is_null()) {
            return Err(gemini::fault(facts, &error));
        }
        if target.call.operation == Operation::CountContent {
            return Ok(Answer::json(body.to_vec(), Usage::default()));
        }
        let Some(said) = fields.get("candidates").or_else(|| fields.get("promptFeedback")) else {
            return Err(Error::unreadable(facts, body, &"no candidates"));
        };
        let usage = part("usageMetadata").as_ref().and_then(gemini::usage);
        let usage = usage.unwrap_or_else(|| Usage::guess(target, said.len()));
        Ok(Answer::json(body.to_vec(), usage))
    }

    fn flow(&self, target: &Target) -> Box<dyn Flow> {
        Relay::flow(target)
    }
}

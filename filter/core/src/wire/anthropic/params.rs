//! Which of `OpenAI`'s parameters the format has a place for.

use super::model::Model;
use crate::{error::Error, parameters};
use serde_json::{Map, Value};

/// The parameters that are refused, or dropped, where the format has no place for them; in the order `LiteLLM` names
/// them.
const REFUSED: [&str; 19] = [
    "functions",
    "function_call",
    "n",
    "modalities",
    "prediction",
    "audio",
    "presence_penalty",
    "frequency_penalty",
    "logit_bias",
    "seed",
    "logprobs",
    "top_logprobs",
    "reasoning_effort",
    "verbosity",
    "thinking",
    "safety_identifier",
    "store",
    "prompt_cache_key",
    "service_tier",
];

/// Without meaning to this format, and nobody misses them.
const SILENT: [&str; 4] = ["model", "n", "prompt_cache_retention", "stream_options"];

/// Leaves what the model takes. What the format has no place for is refused, or dropped where the deployment says so.
pub fn admit(chat: &mut Map<String, Value>, model: Model) -> Result<(), Error> {
    let reasons = model.reasons();
    parameters::check(chat, model.deployment(), &REFUSED, |name| {
        !(reasons && matches!(name, "thinking" | "reasoning_effort"))
    })?;
    chat.retain(|name, value| !value.is_null() && !SILENT.contains(&name.as_str()));
    Ok(())
}

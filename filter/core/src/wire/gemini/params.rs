//! Which of `OpenAI`'s parameters the format has a place for.

use super::model::Model;
use crate::{error::Error, parameters};
use serde_json::{Map, Value};

/// The parameters that may be refused, or dropped, in the order `LiteLLM` names them.
const KNOWN: [&str; 14] = [
    "function_call",
    "prediction",
    "audio",
    "presence_penalty",
    "frequency_penalty",
    "logit_bias",
    "top_logprobs",
    "reasoning_effort",
    "verbosity",
    "thinking",
    "safety_identifier",
    "store",
    "prompt_cache_key",
    "web_search_options",
];

/// Those that the format has no place for, whoever speaks it.
const REFUSED: [&str; 7] = [
    "function_call",
    "logit_bias",
    "prediction",
    "prompt_cache_key",
    "safety_identifier",
    "store",
    "verbosity",
];

/// Leaves what the model takes. What it has no place for is refused, or dropped where the deployment says so.
pub fn admit(chat: &mut Map<String, Value>, model: Model) -> Result<(), Error> {
    let deployment = model.deployment();
    parameters::check(chat, deployment, &KNOWN, |name| {
        REFUSED.contains(&name)
            || (matches!(name, "thinking" | "reasoning_effort") && !model.reasons())
            || !deployment.provider().takes(name, deployment)
    })?;
    if model.is_newer() {
        chat.retain(|name, _| !matches!(name.as_str(), "presence_penalty" | "frequency_penalty"));
    }
    Ok(())
}

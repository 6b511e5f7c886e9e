//! Which of `OpenAI`'s parameters a model takes, and what is not for models at all.

use super::model::Model;
use crate::{error::Error, parameters};
use serde_json::{Map, Value};

/// The parameters that are refused, or dropped, where a model does not take them; in the order `LiteLLM` names them.
const REFUSED: [&str; 22] = [
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
    "tools",
    "tool_choice",
    "logprobs",
    "top_logprobs",
    "reasoning_effort",
    "verbosity",
    "thinking",
    "web_search_options",
    "safety_identifier",
    "store",
    "prompt_cache_key",
    "output_config",
];

/// Without meaning to this format, and nobody misses them. Which model is asked is the deployment's to say.
const SILENT: [&str; 9] = [
    "client_metadata",
    "model",
    "model_id",
    "n",
    "prompt_cache_retention",
    "region_name",
    "stream",
    "stream_options",
    "user",
];

/// Leaves what the model takes. What it does not is refused, or dropped where the deployment says so.
pub fn admit(chat: &mut Map<String, Value>, model: Model) -> Result<(), Error> {
    parameters::check(chat, model.deployment(), &REFUSED, |name| match name {
        "tools" => !model.calls(),
        "tool_choice" => !model.can_choose(),
        "reasoning_effort" => !model.takes_effort(),
        "thinking" | "output_config" => !model.takes_thinking(),
        "web_search_options" => !model.is_nova(),
        _ => true,
    })?;
    chat.retain(|name, value| !value.is_null() && !SILENT.contains(&name.as_str()));
    Ok(())
}

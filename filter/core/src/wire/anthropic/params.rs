//! Which of `OpenAI`'s parameters the format has a place for.

use super::{model::Model, unsupported};
use crate::error::Error;
use serde_json::{Map, Value};

/// The parameters that are refused (or dropped) where the format has no place for them, in the order `LiteLLM`
/// names them.
const KNOWN: [&str; 35] = [
    "functions",
    "function_call",
    "temperature",
    "top_p",
    "n",
    "stop",
    "max_tokens",
    "max_completion_tokens",
    "modalities",
    "prediction",
    "audio",
    "presence_penalty",
    "frequency_penalty",
    "logit_bias",
    "response_format",
    "seed",
    "tools",
    "tool_choice",
    "logprobs",
    "top_logprobs",
    "extra_headers",
    "parallel_tool_calls",
    "reasoning_effort",
    "verbosity",
    "thinking",
    "web_search_options",
    "safety_identifier",
    "store",
    "prompt_cache_key",
    "service_tier",
    "context_management",
    "include_server_side_tool_invocations",
    "stream",
    "stream_options",
    "user",
];

const SUPPORTED: [&str; 17] = [
    "stream",
    "stream_options",
    "user",
    "stop",
    "temperature",
    "top_p",
    "max_tokens",
    "max_completion_tokens",
    "tools",
    "tool_choice",
    "extra_headers",
    "parallel_tool_calls",
    "response_format",
    "web_search_options",
    "context_management",
    "speed",
    "cache_control",
];

/// Taken by whoever sends the request, or of no meaning to this format: never part of the body.
const SILENT: [&str; 9] = [
    "n",
    "stream_options",
    "extra_headers",
    "max_retries",
    "prompt_cache_retention",
    "drop_params",
    "additional_drop_params",
    "allowed_openai_params",
    "model",
];

/// Leaves what the model takes: an explicit null is an absent parameter, what the deployment drops is dropped, what
/// the format has no place for is refused.
pub fn admit(chat: &mut Map<String, Value>, model: &Model) -> Result<(), Error> {
    chat.retain(|_, value| !value.is_null());
    for name in model.names("additional_drop_params") {
        chat.remove(name);
    }
    let allowed: Vec<&str> = model.names("allowed_openai_params").collect();
    let refused: Vec<&str> =
        KNOWN.into_iter().filter(|name| !allowed.contains(name) && refuses(name, chat, model)).collect();
    if !refused.is_empty() && !model.drops() {
        let list = refused.iter().map(|name| format!("'{name}'")).collect::<Vec<_>>().join(", ");
        return Err(Error { param: refused.first().map(|&name| name.into()), ..refusal(&list, model) });
    }
    chat.retain(|name, _| {
        let name = name.as_str();
        allowed.contains(&name) || !(refused.contains(&name) || SILENT.contains(&name))
    });
    Ok(())
}

fn refuses(name: &str, chat: &Map<String, Value>, model: &Model) -> bool {
    match (name, chat.get(name)) {
        (_, None) => false,
        ("n", Some(n)) => n != 1,
        ("thinking" | "reasoning_effort", _) => !model.reasons(),
        _ => !SUPPORTED.contains(&name),
    }
}

fn refusal(list: &str, model: &Model) -> Error {
    unsupported(format_args!(
        "{} does not support parameters: [{list}], for model={}. To drop these, set \
         `litellm.drop_params=True` or for proxy:\n\n`litellm_settings:\n drop_params: true`\n. \n If you want to use \
         these params dynamically send allowed_openai_params=[{list}] in your request.",
        model.provider, model.name
    ))
}

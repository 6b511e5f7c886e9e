//! What a deployment's settings do to a request, in whatever format it leaves: defaults, parameters to drop or to
//! let through, headers to add. Names and behaviour are `LiteLLM`'s.

use crate::{
    deployment::Deployment,
    error::Error,
    providers::{EMBEDS, TRANSCRIBES},
    wire::responses,
};
use serde_json::{Map, Value};

/// Steers the gateway, not the model: never sent upstream, neither from a request nor from a deployment.
/// Sorted.
const CONTROL: &[&str] = &[
    "additional_drop_params",
    "allowed_openai_params",
    "api_base",
    "api_key",
    "api_version",
    "base_model",
    "base_url",
    "cache",
    "cache_control_injection_points",
    "caching",
    "configurable_clientside_auth_params",
    "cooldown_time",
    "custom_llm_provider",
    "default_api_key_rpm_limit",
    "default_api_key_tpm_limit",
    "drop_params",
    "enable_json_schema_validation",
    "extra_body",
    "extra_headers",
    "fallbacks",
    "guardrails",
    "headers",
    "id",
    "max_budget",
    "max_parallel_requests",
    "max_retries",
    "merge_reasoning_content_in_choices",
    "metadata",
    "mock_response",
    "mock_timeout",
    "mock_tool_calls",
    "model_info",
    "no-log",
    "num_retries",
    "order",
    "organization",
    "project",
    "proxy_server_request",
    "request_timeout",
    "rpm",
    "stream_timeout",
    "supports_system_message",
    "tags",
    "timeout",
    "tpm",
    "use_chat_completions_api",
    "use_in_pass_through",
    "use_litellm_proxy",
    "weight",
];

/// Headers that are the gateway's alone.
const RESERVED: &[&str] = &[
    "api-key",
    "authorization",
    "connection",
    "content-length",
    "content-type",
    "cookie",
    "host",
    "keep-alive",
    "proxy-authorization",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "x-api-key",
    "x-goog-api-key",
    "xi-api-key",
];

/// Whether a field steers the gateway rather than the model: settings, prices, another vendor's address.
pub fn is_control(name: &str) -> bool {
    CONTROL.binary_search(&name).is_ok()
        || ["litellm_", "aws_", "vertex_", "azure_", "snowflake_", "oci_"]
            .iter()
            .any(|prefix| name.starts_with(prefix))
        || name.split('_').any(|word| word == "cost")
}

/// Applies a deployment's settings to a chat request: its defaults are filled in, nulls and the gateway's own fields
/// leave, `additional_drop_params` are dropped, `extra_body` is unfolded. Gives the headers to add.
pub fn apply(chat: &mut Map<String, Value>, deployment: &Deployment) -> Vec<(String, String)> {
    let mut headers = Vec::new();
    let client = chat.shift_remove("extra_headers");
    for set in [deployment.params.get("headers"), deployment.params.get("extra_headers"), client.as_ref()] {
        add_headers(&mut headers, set);
    }
    let extra_body = chat.shift_remove("extra_body");
    chat.retain(|name, value| !value.is_null() && !is_control(name));
    for (name, value) in &deployment.params {
        if !is_control(name) && !value.is_null() && !chat.contains_key(name) {
            chat.insert(name.clone(), value.clone());
        }
    }
    for path in strings(deployment.params.get("additional_drop_params")) {
        remove(chat, path);
    }
    for extra in [extra_body.as_ref(), deployment.params.get("extra_body")].into_iter().flatten() {
        for (name, value) in extra.as_object().into_iter().flatten() {
            if name != "model" && !chat.contains_key(name) {
                chat.insert(name.clone(), value.clone());
            }
        }
    }
    headers
}

/// Refuses (or drops, where the deployment says `drop_params`) what `refused` names among the parameters a request
/// carries, in the order of `known`. `allowed_openai_params` are let through.
pub fn check(
    chat: &mut Map<String, Value>,
    deployment: &Deployment,
    known: &[&str],
    refused: impl Fn(&str) -> bool,
) -> Result<(), Error> {
    let at = |name: &str| known.iter().position(|known| *known == name);
    let mut unsupported: Vec<(usize, &str)> = (chat.keys())
        .filter(|name| refused(name))
        .filter_map(|name| at(name).and_then(|at| Some((at, *known.get(at)?))))
        .filter(|(_, name)| !(*name == "n" && chat.get("n").and_then(Value::as_u64) == Some(1)))
        .filter(|(_, name)| {
            !strings(deployment.params.get("allowed_openai_params")).any(|allowed| allowed == *name)
        })
        .collect();
    unsupported.sort_unstable();
    let unsupported: Vec<&str> = unsupported.into_iter().map(|(_, name)| name).collect();
    if unsupported.is_empty() {
        return Ok(());
    }
    if deployment.switch("drop_params") {
        chat.retain(|name, _| !unsupported.contains(&name.as_str()));
        return Ok(());
    }
    let list = format!("['{}']", unsupported.join("', '"));
    Err(unsupported_error(format!(
        "{} does not support parameters: {list}, for model={}. To drop these, set `litellm.drop_params=True` or for \
         proxy:\n\n`litellm_settings:\n drop_params: true`\n. \n If you want to use these params dynamically send \
         allowed_openai_params={list} in your request.",
        deployment.provider().refuses_as(),
        responses::name(&deployment.model),
    )))
}

/// Refuses (or drops) the optional parameters of the embeddings API that are not among `taken`.
pub fn check_embeddings(
    asked: &mut Map<String, Value>,
    deployment: &Deployment,
    taken: &[&str],
) -> Result<(), Error> {
    refuse_embeddings(asked, deployment, taken, |list| {
        format!(
            "{} does not support parameters: {list}, for model={}. To drop these, set `litellm.drop_params=True` or for \
             proxy:\n\n`litellm_settings:\n drop_params: true`",
            deployment.provider().facts().slug,
            deployment.model,
        )
    })
}

/// The same, in words of its own around the list of what is refused.
pub fn refuse_embeddings(
    asked: &mut Map<String, Value>,
    deployment: &Deployment,
    taken: &[&str],
    words: impl FnOnce(&str) -> String,
) -> Result<(), Error> {
    let unsupported: Vec<&str> =
        EMBEDS.iter().filter(|name| asked.contains_key(**name) && !taken.contains(name)).copied().collect();
    if !unsupported.is_empty() && !deployment.switch("drop_params") {
        let value = |name: &str| match asked.get(name) {
            Some(Value::String(text)) => format!("'{text}'"),
            value => value.map(Value::to_string).unwrap_or_default(),
        };
        let list: Vec<String> = unsupported.iter().map(|name| format!("'{name}': {}", value(name))).collect();
        return Err(unsupported_error(words(&format!("{{{}}}", list.join(", ")))));
    }
    for name in unsupported {
        asked.shift_remove(name);
    }
    Ok(())
}

/// Refuses (or drops) the optional parameters of the transcription API that are not among `taken`.
pub fn check_transcription(
    asked: &mut Map<String, Value>,
    deployment: &Deployment,
    taken: &[&str],
) -> Result<(), Error> {
    let refused = |name: &str| TRANSCRIBES.contains(&name) && !taken.contains(&name);
    if deployment.switch("drop_params") {
        asked.retain(|name, _| !refused(name));
    }
    if !asked.keys().any(|name| refused(name)) {
        return Ok(());
    }
    Err(unsupported_error(format!(
        "Setting user/encoding format is not supported by {}. To drop it from the call, set `litellm.drop_params = True`.",
        deployment.provider().facts().slug
    )))
}

/// A parameter or value this model does not take: 400, with `LiteLLM`'s class name in front.
pub fn unsupported_error(message: impl std::fmt::Display) -> Error {
    Error::invalid(format!("litellm.UnsupportedParamsError: {message}"))
}

/// The strings of a list, or the one string.
pub fn strings(value: Option<&Value>) -> impl Iterator<Item = &str> {
    let list = value.and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    value.and_then(Value::as_str).into_iter().chain(list.iter().filter_map(Value::as_str))
}

/// A text among a deployment's settings; `default` where there is none.
pub fn text_or<'a>(params: &'a Map<String, Value>, name: &str, default: &'a str) -> &'a str {
    params.get(name).and_then(Value::as_str).filter(|text| !text.is_empty()).unwrap_or(default)
}

fn add_headers(headers: &mut Vec<(String, String)>, set: Option<&Value>) {
    for (name, value) in set.and_then(Value::as_object).into_iter().flatten() {
        let name = name.to_ascii_lowercase();
        let value = match value {
            Value::String(text) => text.clone(),
            Value::Null => continue,
            other => other.to_string(),
        };
        let token = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b);
        let clean =
            !name.is_empty() && name.bytes().all(token) && !value.bytes().any(|b| b.is_ascii_control());
        if clean && !RESERVED.contains(&name.as_str()) {
            headers.retain(|(known, _)| *known != name);
            headers.push((name, value));
        }
    }
}

/// Removes what a path such as `tools[*].function.strict` or `a.b[0].c` names.
fn remove(chat: &mut Map<String, Value>, path: &str) {
    let steps: Vec<&str> = path
        .split(['.', '['])
        .map(|step| step.trim_end_matches(']'))
        .filter(|step| !step.is_empty())
        .collect();
    match steps.as_slice() {
        [] => {}
        [name] => drop(chat.shift_remove(*name)),
        [name, rest @ ..] => {
            if let Some(value) = chat.get_mut(*name) {
                remove_below(value, rest);
            }
        }
    }
}

fn remove_below(value: &mut Value, steps: &[&str]) {
    match (value, steps) {
        (Value::Object(map), [name]) => drop(map.shift_remove(*name)),
        (Value::Object(map), [name, rest @ ..]) => {
            if let Some(value) = map.get_mut(*name) {
                remove_below(value, rest);
            }
        }
        (Value::Array(list), ["*", rest @ ..]) => list.iter_mut().for_each(|item| remove_below(item, rest)),
        (Value::Array(list), [index, rest @ ..]) => {
            if let Some(item) = index.parse().ok().and_then(|at: usize| list.get_mut(at)) {
                remove_below(item, rest);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn map(value: Value) -> Map<String, Value> {
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn the_lists_are_sorted() {
        assert!(CONTROL.is_sorted_by(|a, b| a < b) && RESERVED.is_sorted_by(|a, b| a < b));
    }

    #[test]
    fn a_nested_path_is_dropped_in_every_item() {
        let mut chat =
            map(json!({"tools": [{"function": {"strict": true, "name": "a"}}, {"function": {}}], "b": 1}));
        remove(&mut chat, "tools[*].function.strict");
        remove(&mut chat, "b");
        remove(&mut chat, "tools[9].x");
        assert_eq!(Value::Object(chat), json!({"tools": [{"function": {"name": "a"}}, {"function": {}}]}));
    }

    #[test]
    fn a_client_cannot_set_credentials_or_break_a_header() {
        let mut chat = map(
            json!({"extra_headers": {"Authorization": "x", "X-Api-Key": "x", "X-Goog-Api-Key": "x", ":path": "/x", "host": "x",
            "x-a": "1\r\nx-b: 2", "X-Fine": "1", "x-number": 7}, "api_key": "sk", "mock_response": "x"}),
        );
        let headers = apply(&mut chat, &Deployment::default());
        assert_eq!(headers, [("x-fine".to_owned(), "1".to_owned()), ("x-number".into(), "7".into())]);
        assert!(chat.is_empty());
    }
}

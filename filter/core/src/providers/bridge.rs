//! Models of `OpenAI`'s that are better asked by its Responses API, though the client has not asked for that: the rules are
//! `LiteLLM`'s. Shared by who serves them.

use crate::{
    call::Call,
    deployment::Deployment,
    error::Error,
    parameters,
    wire::{openai::families::Family, responses},
};
use serde_json::{Map, Value};

/// Whether this chat goes there.
pub fn is_needed(deployment: &Deployment, call: &Call) -> bool {
    call.operation.is_chat() && (is_only(deployment) || refuses_tools(deployment, call))
}

/// The model has no other API, or the deployment's name for it says that this is the one to use.
pub fn is_only(deployment: &Deployment) -> bool {
    responses::is_only(&deployment.model, &deployment.facts)
}

/// Since GPT-5.4, the chat API takes no tools while the model reasons, which it does unless it is told not to.
fn refuses_tools(deployment: &Deployment, call: &Call) -> bool {
    if Family::of(deployment) != Family::Gpt5 || version(&deployment.model) < Some((5, 4)) {
        return false;
    }
    let functions = |tools: &str| memchr::memmem::find(tools.as_bytes(), b"\"function").is_some();
    if !call.field("tools").is_some_and(functions) {
        return false;
    }
    let asked = call.field("reasoning_effort").and_then(|text| serde_json::from_str::<Value>(text).ok());
    let asked = asked.filter(|effort| !effort.is_null());
    let Some(effort) = asked.as_ref().or_else(|| deployment.params.get("reasoning_effort")) else {
        // Whoever imitates the API imitates neither this rule nor the other API.
        return deployment.at_home() || deployment.provider().facts().base_url.is_empty();
    };
    let summary = effort.get("summary").is_some_and(|summary| !summary.is_null());
    let never = deployment.supports("supports_none_reasoning_effort") == Some(false);
    effort.get("effort").unwrap_or(effort) != "none" || summary || never
}

/// `(5, 4)` in `gpt-5.4-mini`.
fn version(model: &str) -> Option<(u32, u32)> {
    let name = model.rsplit('/').next()?.strip_prefix("gpt-")?;
    let number = |text: &str| text.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok();
    let minor = name.trim_start_matches(|c: char| c.is_ascii_digit()).strip_prefix('.').and_then(number);
    Some((number(name)?, minor.unwrap_or(0)))
}

/// An effort is for models that reason.
pub fn fit_effort(asked: &mut Map<String, Value>, deployment: &Deployment) -> Result<(), Error> {
    let effort = asked.get("reasoning").and_then(|reasoning| reasoning.get("effort"));
    let known = !deployment.facts.is_empty();
    let reasons = deployment.supports("supports_reasoning") == Some(true);
    if effort.is_none_or(Value::is_null) || !known || reasons {
        return Ok(());
    }
    if deployment.switch("drop_params") {
        asked.shift_remove("reasoning");
        return Ok(());
    }
    Err(parameters::unsupported_error(format!(
        "{} doesn't support `reasoning.effort` (its model cost map entry lacks `supports_reasoning`). To drop unsupported \
         params set `litellm.drop_params = True`",
        responses::name(&deployment.model)
    )))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{operation::Operation, wire::Format};
    use serde_json::json;

    fn asked(model: &str, api_base: &str, body: &Value) -> Format {
        let (model, api_base) = (model.into(), api_base.into());
        let deployment = Deployment { provider: "openai".into(), model, api_base, ..Deployment::default() };
        let mut chat = json!({ "model": "m", "messages": [] });
        chat.as_object_mut().unwrap().extend(body.as_object().unwrap().clone());
        let call = Call::parse(Operation::Chat, chat.to_string().into_bytes()).unwrap();
        deployment.provider().format_of(&deployment, &call)
    }

    #[test]
    fn tools_of_a_model_that_reasons_need_the_responses_api() {
        let tools = || json!([{ "type": "function", "function": { "name": "f" } }]);
        let effort = |effort: &str| json!({ "tools": tools(), "reasoning_effort": effort });
        let imitation = "https://llm.internal/v1";
        for (model, base, body, bridged) in [
            ("gpt-5.4", "", json!({ "tools": tools() }), true),
            ("gpt-6-mini", "", json!({ "tools": tools() }), true),
            ("gpt-5.4", "", json!({}), false),
            ("gpt-5.3", "", json!({ "tools": tools() }), false),
            ("gpt-5.4", "", effort("none"), false),
            ("gpt-5.4", imitation, json!({ "tools": tools() }), false),
            ("gpt-5.4", imitation, effort("low"), true),
            ("gpt-4o", "", json!({ "tools": tools() }), false),
            ("responses/gpt-4o", "", json!({}), true),
        ] {
            assert_eq!(asked(model, base, &body) == Format::Responses, bridged, "{model} {base} {body}");
        }
    }

    #[test]
    fn a_model_s_version_is_in_its_name() {
        assert_eq!(version("gpt-5.4-mini"), Some((5, 4)));
        assert_eq!(version("gpt5_series/gpt-6"), Some((6, 0)));
        assert_eq!(version("my-model"), None);
        assert_eq!(version("gpt-4o"), Some((4, 0)));
    }
}

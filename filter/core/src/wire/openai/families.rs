//! Which parameters `OpenAI`'s own models take. It serves several families by one API, and each refuses
//! something else.
//! <https://platform.openai.com/docs/guides/reasoning>

use super::messages::Rules;
use crate::{deployment::Deployment, error::Error, parameters};
use serde_json::{Map, Value};

/// What goes only with an effort of `none`, where a model has that.
const SAMPLING: &[&str] = &["logprobs", "top_logprobs", "top_p"];

/// A model's family, by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Family {
    /// Everything that is not one of the others.
    Plain,
    /// `o1`, `o3-mini`, …
    OSeries,
    /// `gpt-5` and later; always reasoning, or by request.
    Gpt5,
    /// `gpt-5-search-api`
    Gpt5Search,
}

impl Family {
    /// The family of a deployment's model.
    pub fn of(deployment: &Deployment) -> Self {
        let model = deployment.model.as_str();
        let name = model.rsplit('/').next().unwrap_or(model);
        let numbered =
            name.strip_prefix('o').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
        let said = model.split_once('/').map(|(family, _)| family);
        if said == Some("gpt5_series") {
            Self::Gpt5
        } else if said == Some("o_series") {
            Self::OSeries
        } else if (model.contains("gpt-5") || model.contains("gpt-6")) && !name.contains("gpt-5-chat") {
            if model.contains("search") { Self::Gpt5Search } else { Self::Gpt5 }
        } else if numbered && known(deployment) {
            Self::OSeries
        } else {
            Self::Plain
        }
    }

    fn refuses(self, name: &str, deployment: &Deployment) -> bool {
        let lacks = |capability| deployment.supports(capability) != Some(true);
        match (self, name) {
            (_, "thinking")
            | (Self::Plain | Self::OSeries, "verbosity")
            | (Self::OSeries | Self::Gpt5, "presence_penalty" | "frequency_penalty")
            | (
                Self::Gpt5,
                "stop" | "logit_bias" | "modalities" | "prediction" | "audio" | "web_search_options",
            ) => true,
            // A model that is in no list may well reason.
            (Self::Plain, "reasoning_effort") => known(deployment),
            (Self::Plain, "response_format") => {
                matches!(deployment.model.as_str(), "gpt-4" | "gpt-3.5-turbo-16k")
            }
            (Self::OSeries, "tools" | "tool_choice" | "functions" | "function_call") => {
                lacks("supports_function_calling")
            }
            (Self::OSeries, "parallel_tool_calls") => lacks("supports_parallel_function_calling"),
            (Self::OSeries, "response_format") => lacks("supports_response_schema"),
            (Self::OSeries, name) => SAMPLING.contains(&name),
            (Self::Gpt5, "tool_choice") => known(deployment) && lacks("supports_tool_choice"),
            (Self::Gpt5, name) => SAMPLING.contains(&name) && lacks("supports_none_reasoning_effort"),
            (Self::Gpt5Search, name) => !matches!(
                name,
                "max_tokens"
                    | "max_completion_tokens"
                    | "stream"
                    | "stream_options"
                    | "web_search_options"
                    | "response_format"
                    | "user"
                    | "verbosity"
            ),
            _ => false,
        }
    }
}

/// Whether this is the bare name of one of `OpenAI`'s models.
pub fn is_openais(model: &str) -> bool {
    ["gpt-3", "gpt-4", "gpt-5", "chatgpt-", "o1", "o3", "o4"].iter().any(|start| model.starts_with(start))
}

/// Whether the model takes a parameter.
pub fn takes(parameter: &str, deployment: &Deployment) -> bool {
    match parameter {
        "user" => known(deployment), // many servers that imitate the API refuse it
        name => !Family::of(deployment).refuses(name, deployment),
    }
}

/// What the model takes in messages.
pub fn rules(deployment: &Deployment) -> Rules {
    let o_series = Family::of(deployment) == Family::OSeries;
    Rules {
        developer: o_series,
        system: !o_series || deployment.supports("supports_system_messages") == Some(true),
        cache_control: !deployment.at_home(),
        ..Rules::PLAIN
    }
}

/// The model has a row in the price table.
fn known(deployment: &Deployment) -> bool {
    !deployment.facts.is_empty()
}

/// Makes a request's parameters fit the model: renames, drops or refuses. `messages` are not looked at.
pub fn fit(chat: &mut Map<String, Value>, deployment: &Deployment) -> Result<(), Error> {
    let family = Family::of(deployment);
    if family == Family::Plain {
        return Ok(());
    }
    // `max_tokens` is deprecated, and not understood by models that reason.
    if let Some(limit) = chat.shift_remove("max_tokens") {
        chat.entry("max_completion_tokens").or_insert(limit);
    }
    match family {
        Family::OSeries => fit_temperature(chat, deployment, |_, given| {
            format!(
                "O-series models don't support temperature={given}. Only temperature=1 is supported. To drop \
                 unsupported openai params from the call, set `litellm.drop_params = True`"
            )
        })?,
        Family::Gpt5 => {
            fit_effort(chat, deployment)?;
            fit_sampling(chat, deployment)?;
        }
        Family::Gpt5Search | Family::Plain => {}
    }
    Ok(())
}

/// Drops the parameters where the deployment says so, or refuses the request.
fn refuse(
    chat: &mut Map<String, Value>,
    deployment: &Deployment,
    names: &[&str],
    message: impl Fn() -> String,
) -> Result<(), Error> {
    if !deployment.switch("drop_params") {
        return Err(parameters::unsupported_error(message()));
    }
    for name in names {
        chat.shift_remove(*name);
    }
    Ok(())
}

fn fit_temperature(
    chat: &mut Map<String, Value>,
    deployment: &Deployment,
    message: impl Fn(&str, &Value) -> String,
) -> Result<(), Error> {
    match chat.get("temperature").filter(|given| given.as_f64() != Some(1.0)).cloned() {
        None => Ok(()),
        Some(given) => refuse(chat, deployment, &["temperature"], || message(&deployment.model, &given)),
    }
}

fn fit_effort(chat: &mut Map<String, Value>, deployment: &Deployment) -> Result<(), Error> {
    // Clients of the Responses API send `{"effort": …, "summary": …}`.
    if let Some(effort) = chat.get("reasoning_effort").and_then(|effort| effort.get("effort")).cloned() {
        chat.insert("reasoning_effort".into(), effort);
    }
    let Some(effort) = chat.get("reasoning_effort").and_then(Value::as_str).map(str::to_owned) else {
        return Ok(());
    };
    let supported = deployment.supports(&format!("supports_{effort}_reasoning_effort"));
    let refused = match effort.as_str() {
        "max" => false,
        "xhigh" => supported != Some(true),
        _ => supported == Some(false),
    };
    if !refused {
        return Ok(());
    }
    refuse(chat, deployment, &["reasoning_effort"], || {
        format!(
            "reasoning_effort={effort} is not supported for {}. To drop unsupported params set \
             `litellm.drop_params = True`",
            deployment.model
        )
    })
}

/// A model that reasons takes no sampling parameters, unless its effort is `none`.
fn fit_sampling(chat: &mut Map<String, Value>, deployment: &Deployment) -> Result<(), Error> {
    let effort = chat.get("reasoning_effort").and_then(Value::as_str);
    let default = deployment.facts.get("default_reasoning_effort").and_then(Value::as_str);
    let has_none = deployment.supports("supports_none_reasoning_effort") == Some(true);
    if has_none && effort.or(default) == Some("none") {
        return Ok(());
    }
    if has_none && SAMPLING.iter().any(|name| chat.contains_key(*name)) {
        let current = effort.map_or("None".to_owned(), |effort| format!("'{effort}'"));
        refuse(chat, deployment, SAMPLING, || {
            format!(
                "{} only supports logprobs, top_p, top_logprobs when reasoning_effort resolves to 'none', either set \
                 explicitly on the request or declared as the model's default_reasoning_effort. Current \
                 reasoning_effort={current}. To drop unsupported params set `litellm.drop_params = True`",
                deployment.model
            )
        })?;
    }
    fit_temperature(chat, deployment, |model, given| {
        format!(
            "{model} doesn't support temperature={given} while reasoning is active. Only temperature=1 is supported \
             unless reasoning_effort resolves to 'none', either set explicitly on the request or declared as the \
             model's default_reasoning_effort. To drop unsupported params set `litellm.drop_params = True`"
        )
    })
}
/// Models that draw, as far as they differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Painter {
    /// `dall-e-2`
    DallE2,
    /// `dall-e-3`
    DallE3,
    /// `gpt-image-1` and what came after it, or was made in its likeness.
    Gpt,
}

impl Painter {
    /// By a model's name, or that of a deployment of it.
    pub fn of(model: &str) -> Self {
        let name = model.to_lowercase().replace(['-', '_'], "");
        match () {
            () if name.contains("dalle2") => Self::DallE2,
            () if name.contains("dalle3") => Self::DallE3,
            () => Self::Gpt,
        }
    }
}

/// Whether a model that draws takes an optional parameter of the image API.
/// <https://platform.openai.com/docs/api-reference/images/create>
pub fn draws(parameter: &str, painter: Painter) -> bool {
    match parameter {
        "style" => painter == Painter::DallE3,
        "response_format" => painter != Painter::Gpt,
        _ => true,
    }
}

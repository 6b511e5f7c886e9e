//! `OpenAI`'s models at Azure. <https://learn.microsoft.com/en-us/azure/ai-foundry/openai/reference>
use super::{bridge, json_tool, prelude::*};
use crate::wire::{
    openai::families::{self, Family, Painter},
    responses,
};

pub struct This;

impl Provider for This {
    fn facts(&self) -> &'static Facts {
        &Facts {
            slug: "azure",
            name: "Azure",
            docs: "https://learn.microsoft.com/en-us/azure/ai-foundry/openai/reference",
            base_url: "",
            key_env: "AZURE_API_KEY",
            base_env: "AZURE_API_BASE",
            tokens: Tokens::Entra,
            auth: Auth::Header("api-key"),
            asks_usage: true,
            responses: true,
            ..Facts::OPENAI
        }
    }

    fn auth(&self, deployment: &Deployment) -> Auth {
        if is_v1(version(deployment)) { Auth::Bearer } else { self.facts().auth }
    }

    fn format_of(&self, deployment: &Deployment, call: &Call) -> Format {
        match call.operation {
            _ if bridge::is_needed(deployment, call) => Format::Responses,
            operation => self.format_for(deployment, operation),
        }
    }

    fn price_names(&self, model: &str) -> Vec<String> {
        vec![responses::name(model).to_owned()]
    }

    fn whole_path(&self, target: &Target) -> Option<String> {
        Some(path(target))
    }

    fn takes(&self, parameter: &str, deployment: &Deployment) -> bool {
        match parameter {
            "user" | "function_call" | "functions" | "parallel_tool_calls" | "tool_choice" | "tools" => true,
            "reasoning_effort" | "safety_identifier" | "service_tier" if is_plain(deployment) => false,
            name => families::takes(name, deployment),
        }
    }

    fn fit(&self, chat: &mut Map<String, Value>, deployment: &Deployment) -> Result<(), Error> {
        chat.insert("model".into(), name(deployment).into());
        fit_tool_choice(chat, deployment)?;
        fit_format(chat, deployment);
        families::fit(chat, deployment)
    }

    fn reads(&self, has: &dyn Fn(&str) -> bool) -> bool {
        has("response_format")
    }

    fn finish(&self) -> Option<Finish> {
        Some(Finish::JsonTool)
    }

    fn rules(&self, deployment: &Deployment) -> Rules {
        Rules { cache_control: Family::of(deployment) != Family::OSeries, ..families::rules(deployment) }
    }

    fn draws(&self, parameter: &str, deployment: &Deployment) -> bool {
        families::draws(parameter, Painter::of(&deployment.model))
    }

    fn fit_images(&self, asked: &mut Map<String, Value>, target: &Target) -> Result<(), Error> {
        images::admit(asked, target, |name| self.draws(name, target.deployment))?;
        name_in_path(asked, target);
        Ok(())
    }

    fn dress(&self, answer: &mut Map<String, Value>, target: &Target) {
        if target.call.operation == Operation::Images {
            frame(answer, target);
        }
    }
}

/// Where no version is given, the one `LiteLLM` asks for.
const VERSION: &str = "2025-02-01-preview";

fn version(deployment: &Deployment) -> &str {
    deployment.params.get("api_version").and_then(Value::as_str).unwrap_or(VERSION)
}

/// The API that has no versions any more.
/// <https://learn.microsoft.com/en-us/azure/ai-foundry/openai/api-version-lifecycle>
fn is_v1(version: &str) -> bool {
    matches!(version, "latest" | "preview" | "v1")
}

/// Each deployment has a path of its own, unless the API has no versions.
pub(super) fn path(target: &Target) -> String {
    let (deployment, version) = (target.deployment, version(target.deployment));
    let base = deployment.path("");
    let base = base.split_once('?').map_or(&*base, |(path, _)| path).trim_end_matches('/');
    let below = target.wire().path(target);
    if is_v1(version) {
        let root = base.split("/openai").next().unwrap_or(base);
        return format!("{root}/openai/v1{below}");
    }
    let path = match base.contains("/openai/deployments/") {
        // All models are asked in one place: the body names the one.
        _ if target.format() == Format::Responses => {
            format!("{}/openai{below}", base.split("/openai").next().unwrap_or(base))
        }
        true if base.ends_with(&below) => base.to_owned(),
        true => format!("{base}{below}"),
        false => format!("{base}/openai/deployments/{}{below}", name(deployment)),
    };
    format!("{path}?api-version={version}")
}

/// The deployment's name there. What stands before it tells the family of its model.
fn name(deployment: &Deployment) -> &str {
    let model = responses::name(&deployment.model);
    model.strip_prefix("o_series/").or_else(|| model.strip_prefix("gpt5_series/")).unwrap_or(model)
}

/// A deployment with a path of its own is not named twice.
pub(super) fn name_in_path(asked: &mut Map<String, Value>, target: &Target) {
    if is_v1(version(target.deployment)) {
        asked.insert("model".into(), name(target.deployment).into());
    } else {
        asked.shift_remove("model");
    }
}

/// Says of images what was asked for, or what they are where nothing was: Azure does not.
pub(super) fn frame(answer: &mut Map<String, Value>, target: &Target) {
    let mut asked: Map<String, Value> = serde_json::from_slice(&target.call.body).unwrap_or_default();
    let quality = match Painter::of(&target.deployment.model) {
        Painter::DallE2 => "standard",
        Painter::DallE3 => "hd",
        Painter::Gpt => "high",
    };
    for (field, usual) in [("output_format", "png"), ("quality", quality), ("size", "1024x1024")] {
        let wanted = asked.get_mut(field).map(Value::take).filter(Value::is_string);
        answer.entry(field).or_insert_with(|| wanted.unwrap_or_else(|| usual.into()));
    }
}

fn is_plain(deployment: &Deployment) -> bool {
    Family::of(deployment) == Family::Plain
}

/// Where neither the model nor the version of the API can be held to a schema, a tool takes the answer.
fn fit_format(chat: &mut Map<String, Value>, deployment: &Deployment) {
    let version = version(deployment);
    let old = version.starts_with("20") && version < "2024-08";
    if old || is_gpt_35(deployment) {
        json_tool::require(chat);
    }
}

fn is_gpt_35(deployment: &Deployment) -> bool {
    ["gpt-3.5", "gpt-35", "gpt-3-5"].iter().any(|name| deployment.model.contains(name))
}

/// Old versions of the API cannot choose tools, or not require one.
fn fit_tool_choice(chat: &mut Map<String, Value>, deployment: &Deployment) -> Result<(), Error> {
    let version = version(deployment);
    let dated = version.starts_with("20");
    let Some(choice) = chat.get("tool_choice").filter(|_| dated) else { return Ok(()) };
    let required = choice == "required" && version.starts_with("2024") && version < "2024-06";
    if version >= "2023-12-01" && !required {
        return Ok(());
    }
    chat.shift_remove("tool_choice");
    if deployment.switch("drop_params") {
        return Ok(());
    }
    let reference = "https://learn.microsoft.com/en-us/azure/ai-services/openai/reference#chat-completions";
    Err(unsupported_error(if required {
        format!(
            "Azure does not support 'required' as a tool_choice param, for api_version={version}. To drop \
             'tool_choice=required' for calls with this Azure API version, set `litellm.drop_params=True` or for \
             proxy:\n\n`litellm_settings:\n drop_params: true`\nAzure API Reference: {reference}"
        )
    } else {
        format!(
            "Azure does not support 'tool_choice', for api_version={version}. Bump your API version to \
             '2023-12-01-preview' or later. This parameter requires 'api_version=\"2023-12-01-preview\"' or later. \
             Azure API Reference: {reference}"
        )
    }))
}

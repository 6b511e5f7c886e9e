//! Reasoning, in the terms of the model's vendor.

use super::model::Model;
use crate::{
    error::Error,
    parameters::unsupported_error,
    wire::{
        Target,
        anthropic::{self, thinking},
    },
};
use serde_json::{Map, Value, json};

/// The least the API accepts as a budget.
const MIN_BUDGET: u64 = 1024;

/// Efforts, the least first, as Bedrock orders them.
const EFFORTS: [&str; 5] = ["low", "medium", "high", "max", "xhigh"];

/// The client asks for reasoning.
pub fn is_asked_for(chat: &Map<String, Value>) -> bool {
    chat.contains_key("reasoning_effort") || chat.get("thinking").is_some_and(thinking::is_on)
}

/// Sets what the model's vendor calls reasoning in `extra`, and `maxTokens` where a budget needs room.
pub fn apply(
    chat: &mut Map<String, Value>,
    limits: &mut Map<String, Value>,
    extra: &mut Map<String, Value>,
    model: Model,
    target: &Target,
) -> Result<(), Error> {
    let effort = chat.remove("reasoning_effort");
    let effort = effort.as_ref().and_then(Value::as_str);
    let asked = chat.remove("thinking");
    let config = chat.remove("output_config").filter(|_| model.takes_output_config());
    match effort {
        Some(effort) if model.takes_plain_effort() => {
            extra.extend(model.takes_effort().then(|| ("reasoning_effort".to_owned(), effort.into())));
        }
        Some(effort) if model.is_gpt() => gpt(effort, extra, model)?,
        Some(effort) if model.is_nova_2() => {
            if !matches!(effort, "low" | "medium" | "high") {
                return Err(Error::invalid(format!(
                    "litellm.BadRequestError: Invalid reasoning_effort value '{effort}' for Nova 2 models. Supported \
                     values: ['low', 'medium', 'high']"
                )));
            }
            let config = json!({ "type": "enabled", "maxReasoningEffort": effort });
            extra.insert("reasoningConfig".into(), config);
        }
        _ if model.takes_thinking() => claude(effort, asked, config, limits, extra, model, target)?,
        _ => {}
    }
    Ok(())
}

fn gpt(effort: &str, extra: &mut Map<String, Value>, model: Model) -> Result<(), Error> {
    if model.deployment().supports(&format!("supports_{effort}_reasoning_effort")) != Some(false) {
        extra.insert("reasoning".into(), json!({ "effort": effort }));
    } else if !model.drops() {
        return Err(unsupported_error(format_args!(
            "{} does not support reasoning_effort={effort}. To drop unsupported params, set `litellm.drop_params = True`.",
            model.name()
        )));
    }
    Ok(())
}

/// Anthropic's own fields.
fn claude(
    effort: Option<&str>,
    asked: Option<Value>,
    mut config: Option<Value>,
    limits: &mut Map<String, Value>,
    extra: &mut Map<String, Value>,
    model: Model,
    target: &Target,
) -> Result<(), Error> {
    let effort = effort.map(|effort| Value::from(capped(effort, model)));
    if let Some(effort) = config.as_mut().and_then(|config| config.get_mut("effort"))
        && let Some(text) = effort.as_str()
    {
        *effort = capped(text, model).into();
    }
    let cap = limits.get("maxTokens").cloned();
    let mut own = Map::new();
    own.extend(cap.clone().map(|cap| ("max_tokens".to_owned(), cap)));
    thinking::apply(&mut own, effort.as_ref(), asked, config, anthropic::model::Model::of(target))?;
    own.remove("max_tokens");
    if let Some(budget) = own.get_mut("thinking").and_then(|thinking| thinking.get_mut("budget_tokens"))
        && let Some(tokens) = budget.as_u64()
    {
        let tokens = tokens.max(MIN_BUDGET);
        *budget = tokens.into();
        if cap.is_none() && model.counts_budget() && own.get("thinking").is_some_and(thinking::is_on) {
            limits.insert("maxTokens".into(), tokens.saturating_add(thinking::ROOM).into());
        }
    }
    own.retain(|_, value| value != &json!({}));
    extra.extend(own);
    Ok(())
}

/// No more than the model takes.
fn capped<'a>(effort: &'a str, model: Model<'a>) -> &'a str {
    let rank = |effort: &str| EFFORTS.iter().position(|known| *known == effort);
    match model.effort_ceiling() {
        Some(ceiling) if rank(effort) > rank(ceiling) => ceiling,
        _ => effort,
    }
}

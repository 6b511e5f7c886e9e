//! Reasoning: budgets of tokens up to Gemini 2.5, levels from Gemini 3. <https://ai.google.dev/gemini-api/docs/thinking>

use super::model::Model;
use crate::{error::Error, parameters::unsupported_error};
use serde_json::{Map, Value, json};

/// `thinkingConfig` for `OpenAI`'s effort and Anthropic's `thinking`; the latter is more particular.
pub fn config(
    effort: Option<&Value>,
    thinking: Option<&Value>,
    model: Model,
) -> Result<Option<Value>, Error> {
    let effort = effort.and_then(|effort| effort.as_str().or_else(|| effort.get("effort")?.as_str()));
    let by_effort = match effort {
        Some(effort) if model.is_newer() => Some(level(effort, model)),
        Some(effort) => Some(budget(effort, model)),
        None => None,
    };
    let by_effort = by_effort.transpose()?;
    let Some(thinking) = thinking.filter(|thinking| thinking.is_object()) else { return Ok(by_effort) };
    if by_effort.is_some_and(|config| config.get("thinkingLevel").is_some()) {
        return Err(unsupported_error(
            "Cannot specify both `thinking` (which maps to `thinking_budget`) and `thinking_level` in the same request. \
             For Gemini 3 models, use `thinking_level` instead.",
        ));
    }
    Ok(Some(switched(thinking, model)))
}

/// Up to 2.5: the effort as tokens.
fn budget(effort: &str, model: Model) -> Result<Value, Error> {
    let tokens = match effort {
        "minimal" => least(&model.name().to_lowercase()),
        "low" => 1024,
        "medium" => 2048,
        "high" => 4096,
        "none" | "disable" => 0,
        _ => return Err(unknown(effort)),
    };
    Ok(json!({ "thinkingBudget": tokens, "includeThoughts": tokens > 0 }))
}

/// The smallest budget of a model, in tokens.
fn least(model: &str) -> u32 {
    match () {
        () if model.contains("gemini-2.5-flash-lite") => 512,
        () if model.contains("gemini-2.5-flash") => 1,
        () => 128,
    }
}

/// From 3 on: the effort as a level. There is no way to switch thinking off.
fn level(effort: &str, model: Model) -> Result<Value, Error> {
    let minimal = if model.thinks_minimally() { "minimal" } else { "low" };
    let (level, shown) = match effort {
        "low" | "medium" | "high" => (effort, true),
        "minimal" => (minimal, true),
        "none" | "disable" => (minimal, false),
        _ => return Err(unknown(effort)),
    };
    Ok(json!({ "thinkingLevel": level, "includeThoughts": shown }))
}

fn unknown(effort: &str) -> Error {
    unsupported_error(format_args!(
        "Invalid `reasoning_effort`: '{effort}'. Must be one of: 'minimal', 'low', 'medium', 'high', 'none', 'disable'. \
         To drop this param, set `litellm.drop_params = True` or pass in `(.., drop_params=True)` in the request - \
         https://docs.litellm.ai/docs/completion/drop_params"
    ))
}

/// Anthropic's switch and budget.
fn switched(thinking: &Value, model: Model) -> Value {
    let enabled = thinking.get("type").is_some_and(|kind| kind == "enabled");
    let budget = thinking.get("budget_tokens").filter(|budget| budget.is_u64() || budget.is_i64());
    let shown = enabled && budget.and_then(Value::as_i64) != Some(0);
    if model.is_newer() {
        return json!({ "includeThoughts": shown });
    }
    let mut config = Map::new();
    if shown {
        config.insert("includeThoughts".into(), true.into());
    }
    if let Some(budget) = budget {
        config.insert("thinkingBudget".into(), budget.clone());
    }
    config.into()
}

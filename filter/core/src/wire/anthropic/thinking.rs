//! Reasoning: `OpenAI`'s effort, the API's budgets (up to 4.5) and adaptive thinking (from 4.6).
//! <https://docs.anthropic.com/en/docs/build-with-claude/extended-thinking>

use super::{bad_request, model::Model};
use crate::error::Error;
use serde_json::{Map, Value, json};

/// The least the API accepts as a budget.
const MIN_BUDGET: u64 = 1024;
/// Room for the answer itself beside the budget, where the client set no cap.
pub const ROOM: u64 = 4096;

/// A client that asks for thinking by budget.
pub fn is_on(thinking: &Value) -> bool {
    thinking == true || thinking.get("type").is_some_and(|kind| kind == "enabled")
}

/// Sets `thinking`, `output_config` and, last of all, `max_tokens`.
pub fn apply(
    body: &mut Map<String, Value>,
    effort: Option<&Value>,
    thinking: Option<Value>,
    config: Option<Value>,
    model: Model,
) -> Result<(), Error> {
    if let Some(config) = config {
        body.insert("output_config".into(), config);
    }
    // A string, or the Responses API's `{"effort": …, "summary": …}`.
    let effort = effort.and_then(|value| value.as_str().or_else(|| value.get("effort")?.as_str()));
    if let Some(effort) = effort.filter(|&effort| effort != "none") {
        from_effort(body, effort, model)?;
    }
    if let Some(thinking) = thinking {
        from_thinking(body, thinking, model);
    }
    if model.has("thinking_always_on") && kind(body) == Some("disabled") {
        body.remove("thinking");
    }
    check_effort(body, model)?;
    if !body.contains_key("max_tokens") {
        let budget = body.get("thinking").filter(|thinking| is_on(thinking)).and_then(budget);
        let tokens = budget.map_or_else(|| model.max_tokens(), |budget| budget.saturating_add(ROOM));
        body.insert("max_tokens".into(), tokens.into());
    }
    Ok(())
}

fn kind(body: &Map<String, Value>) -> Option<&str> {
    body.get("thinking")?.get("type")?.as_str()
}

fn budget(thinking: &Value) -> Option<u64> {
    thinking.get("budget_tokens")?.as_u64()
}

fn from_effort(body: &mut Map<String, Value>, effort: &str, model: Model) -> Result<(), Error> {
    let thinking = if model.adaptive() {
        let level = match effort {
            "minimal" | "low" => "low",
            "medium" | "high" | "xhigh" | "max" => effort,
            _ => return Err(unknown("Invalid reasoning_effort", effort)),
        };
        set_effort(body, level);
        // Without `display` the API leaves the thinking's text out.
        json!({ "type": "adaptive", "display": "summarized" })
    } else {
        let budget = match effort {
            "minimal" | "low" => MIN_BUDGET,
            "medium" => 2048,
            "high" => 4096,
            "xhigh" => 8192,
            "max" => 16384,
            _ => return Err(unknown("Unmapped reasoning effort", effort)),
        };
        json!({ "type": "enabled", "budget_tokens": budget })
    };
    body.insert("thinking".into(), thinking);
    Ok(())
}

fn unknown(what: &str, effort: &str) -> Error {
    Error {
        param: Some("reasoning_effort".into()),
        ..Error::invalid(format!(
            "litellm.BadRequestError: {what}: '{effort}'. Must be one of: 'minimal', 'low', 'medium', 'high', \
             'xhigh', 'max', 'none'"
        ))
    }
}

/// The client's own `thinking`, in the form the model takes.
fn from_thinking(body: &mut Map<String, Value>, thinking: Value, model: Model) {
    let asked = thinking.get("type").and_then(Value::as_str);
    let thinking = if asked == Some("adaptive") && !model.adaptive() {
        // Clients ask for adaptive thinking whatever the model; an older one gets a middling budget below its cap.
        match body.get("max_tokens").and_then(Value::as_u64) {
            Some(cap) if cap <= MIN_BUDGET => {
                body.remove("thinking");
                return;
            }
            cap => {
                let budget = cap.map_or(2048, |cap| 2048.min(cap - 1));
                json!({ "type": "enabled", "budget_tokens": budget })
            }
        }
    } else if asked == Some("enabled") && model.adaptive() && !model.has("supports_legacy_thinking") {
        adapted(body, thinking, model)
    } else {
        thinking
    };
    body.insert("thinking".into(), thinking);
}

/// A budget, for a model that only takes an effort.
fn adapted(body: &mut Map<String, Value>, thinking: Value, model: Model) -> Value {
    let effort = match budget(&thinking).unwrap_or(0) {
        8192.. if model.has_level("xhigh") => "xhigh",
        4096.. => "high",
        2048.. => "medium",
        _ => "low",
    };
    if body.get("output_config").and_then(|config| config.get("effort")).is_none() {
        set_effort(body, effort);
    }
    let Value::Object(mut asked) = thinking else { return json!({ "type": "adaptive" }) };
    asked.retain(|name, value| match name.as_str() {
        "block_binding" => !value.is_null(),
        "display" => value == "summarized" || value == "omitted",
        _ => false,
    });
    asked.insert("type".into(), "adaptive".into());
    Value::Object(asked)
}

fn set_effort(body: &mut Map<String, Value>, level: &str) {
    match body.get_mut("output_config") {
        Some(Value::Object(config)) => {
            config.insert("effort".into(), level.into());
        }
        _ => {
            body.insert("output_config".into(), json!({ "effort": level }));
        }
    }
}

/// An effort the model does not know is the client's mistake; one it has no notion of may be dropped.
fn check_effort(body: &mut Map<String, Value>, model: Model) -> Result<(), Error> {
    let Some(Value::Object(config)) = body.get_mut("output_config") else { return Ok(()) };
    if model.drops() && !model.takes_effort() {
        config.retain(|name, _| name == "format");
        if config.is_empty() {
            body.remove("output_config");
        }
        return Ok(());
    }
    let Some(effort) = config.get("effort").filter(|effort| !effort.is_null()) else { return Ok(()) };
    let allowed = match effort.as_str() {
        Some("low" | "medium" | "high") => true,
        Some("max") => model.adaptive() || model.has_level("max"),
        Some("xhigh") => model.has_level("xhigh"),
        _ => {
            return Err(bad_request(format_args!(
                "Invalid effort value: {effort}. Must be one of: 'high', 'medium', 'low', 'xhigh', 'max'"
            )));
        }
    };
    if allowed {
        return Ok(());
    }
    let effort = effort.as_str().unwrap_or_default();
    Err(Error::invalid(format!(
        "litellm.BadRequestError: effort='{effort}' is not supported by this model. Got model: {}",
        model.name()
    )))
}

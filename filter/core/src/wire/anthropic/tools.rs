//! `tools`, `tool_choice` and `parallel_tool_calls`.
//! <https://docs.anthropic.com/en/docs/agents-and-tools/tool-use/overview>

use super::{
    bad_request,
    model::Model,
    names::Names,
    tool_kinds::{self, Translated},
};
use crate::{error::Error, parameters::unsupported_error};
use serde_json::{Map, Value, json};

/// Translates the client's tools, behind those that are in `body` already, and its choice among them.
pub fn apply(
    body: &mut Map<String, Value>,
    tools: Option<Value>,
    choice: Option<&Value>,
    parallel: Option<&Value>,
    model: Model,
) -> Result<(), Error> {
    if let Some(tools) = tools {
        let Value::Array(tools) = tools else { return Err(bad_request("tools: must be a list")) };
        let (mut known, mut servers) = (own(body), Vec::new());
        for tool in flat(tools) {
            match tool_kinds::translate(tool)? {
                Translated::Tool(tool) => known.push(tool),
                Translated::Server(server) => servers.push(server),
            }
        }
        body.insert("tools".into(), known.into());
        if !servers.is_empty() {
            body.insert("mcp_servers".into(), servers.into());
        }
    }
    if let Some(choice) = tool_choice(choice, parallel) {
        body.insert("tool_choice".into(), forced(choice, model)?);
    }
    Ok(())
}

/// Adds a tool.
pub fn push(body: &mut Map<String, Value>, tool: Value) {
    let mut known = own(body);
    known.push(tool);
    body.insert("tools".into(), known.into());
}

fn own(body: &mut Map<String, Value>) -> Vec<Value> {
    match body.remove("tools") {
        Some(Value::Array(tools)) => tools,
        _ => Vec::new(),
    }
}

/// A `namespace` only groups tools, which may be written without the `function` around them.
fn flat(tools: Vec<Value>) -> Vec<Value> {
    let mut all = Vec::with_capacity(tools.len());
    for mut tool in tools {
        if tool.get("type").is_none_or(|kind| kind != "namespace") {
            all.push(tool);
            continue;
        }
        let Some(Value::Array(nested)) = tool.get_mut("tools").map(Value::take) else { continue };
        all.extend(nested.into_iter().map(|tool| match tool {
            Value::Object(mut inner)
                if inner.contains_key("name")
                    && !inner.contains_key("function")
                    && !inner.contains_key("input_schema") =>
            {
                let kind = inner.remove("type").unwrap_or_else(|| "function".into());
                json!({ "type": kind, "function": inner })
            }
            other => other,
        }));
    }
    all
}

/// From `OpenAI`'s choice to the API's; what it says nothing about stays the API's default.
fn tool_choice(choice: Option<&Value>, parallel: Option<&Value>) -> Option<Map<String, Value>> {
    let kind = match choice {
        Some(Value::String(kind)) => Some(kind.as_str()),
        Some(Value::Object(choice)) if !choice.contains_key("function") => {
            choice.get("type").and_then(Value::as_str)
        }
        _ => None,
    };
    let named = choice.and_then(|choice| choice.get("function")?.get("name"));
    let mut own = Map::new();
    match (kind, named) {
        (Some(kind @ ("auto" | "none")), _) => own.insert("type".into(), kind.into()),
        (Some("required" | "any"), _) => own.insert("type".into(), "any".into()),
        (_, Some(name)) => {
            own.insert("name".into(), name.clone());
            own.insert("type".into(), "tool".into())
        }
        _ => None,
    };
    if let Some(parallel) = parallel.and_then(Value::as_bool)
        && kind != Some("none")
    {
        own.entry("type").or_insert_with(|| "auto".into());
        own.insert("disable_parallel_tool_use".into(), (!parallel).into());
    }
    (!own.is_empty()).then_some(own)
}

/// Some models refuse to be forced to use a tool; with `drop_params` they are left the choice.
fn forced(mut choice: Map<String, Value>, model: Model) -> Result<Value, Error> {
    let forces = choice.get("type").is_some_and(|kind| kind == "any" || kind == "tool");
    if forces && !model.can_be_forced() {
        if !model.drops() {
            return Err(unsupported_error(format_args!(
                "{} does not support forced tool use (tool_choice='required' or a named tool). Use tool_choice='auto' \
                 and tell the model in the prompt when to call the tool, or set `litellm.drop_params = True` to \
                 downgrade to 'auto' automatically.",
                model.name()
            )));
        }
        choice.remove("name");
        choice.insert("type".into(), "auto".into());
    }
    Ok(Value::Object(choice))
}

/// Gives every tool the name the API takes.
pub fn rename(body: &mut Map<String, Value>, names: &Names) {
    if names.is_empty() {
        return;
    }
    let tools = body.get_mut("tools").and_then(Value::as_array_mut).into_iter().flatten();
    for tool in tools.filter(|tool| tool.get("type").is_some_and(|kind| kind == "custom")) {
        names.apply(tool);
    }
    if let Some(choice) = body.get_mut("tool_choice") {
        names.apply(choice);
    }
}

/// Uploads are there for the code execution tool: beside other tools it is added where it is missing.
pub fn add_code_execution(body: &mut Map<String, Value>) {
    let Some(tools) = body.get_mut("tools").and_then(Value::as_array_mut) else { return };
    let has = |tool: &Value| {
        tool.get("type").and_then(Value::as_str).is_some_and(|kind| kind.starts_with("code_execution"))
    };
    if !tools.is_empty() && !tools.iter().any(has) {
        tools.push(json!({ "type": "code_execution_20250522", "name": "code_execution" }));
    }
}

//! Tools, and the choice among them.

use super::{Style, object};
use serde_json::{Map, Value};

/// Puts what a chat request says of tools (`tools`, the older `functions`, `web_search_options`) into the list of tools.
pub fn put(field: &str, value: Value, style: Style, out: &mut Map<String, Value>) {
    let tools = match value {
        Value::Array(tools) if field == "functions" => {
            tools.into_iter().map(|tool| function(tool, style)).collect()
        }
        Value::Array(tools) => tools.into_iter().map(|tool| convert(tool, style)).collect(),
        Value::Object(options) if field == "web_search_options" => vec![search(options)],
        _ => return,
    };
    match out.get_mut("tools").and_then(Value::as_array_mut) {
        Some(known) => known.extend(tools),
        None => drop(out.insert("tools".into(), tools.into())),
    }
}

/// What is no function is one of the API's own tools, or another vendor's: it goes as it is.
fn convert(mut tool: Value, style: Style) -> Value {
    let kind = tool.get("type").and_then(Value::as_str).unwrap_or("function").to_owned();
    let inner = tool.get_mut(&kind).filter(|inner| inner.is_object()).map(Value::take);
    match (kind.as_str(), inner) {
        ("function", Some(inner)) => function(inner, style),
        ("custom", Some(Value::Object(custom))) => raised("custom", custom),
        _ => tool,
    }
}

/// Who says nothing of strictness does not want it, but here that is the default.
fn function(function: Value, style: Style) -> Value {
    let Value::Object(mut function) = function else { return function };
    function.entry("strict").or_insert(if style.chat { Value::Null } else { false.into() });
    function.shift_remove("type");
    raised("function", function)
}

fn raised(kind: &str, fields: Map<String, Value>) -> Value {
    let kind = [("type".to_owned(), Value::from(kind))];
    Value::Object(kind.into_iter().chain(fields).collect())
}

fn search(options: Map<String, Value>) -> Value {
    raised("web_search", options)
}

/// A named tool is named one level higher than in chat.
pub fn choice(choice: Value) -> Value {
    let Some(kind) = choice.get("type").and_then(Value::as_str) else { return choice };
    match kind {
        "auto" | "none" | "required" => kind.into(),
        "function" | "custom" => {
            let name = choice.get(kind).and_then(|tool| tool.get("name")).or_else(|| choice.get("name"));
            object([("type", kind.into()), ("name", name.cloned().unwrap_or_default())])
        }
        "allowed_tools" => match choice.get("allowed_tools") {
            Some(Value::Object(allowed)) => {
                let mut allowed = raised("allowed_tools", allowed.clone());
                if let Some(Value::Array(tools)) = allowed.get_mut("tools") {
                    for tool in tools {
                        *tool = self::choice(tool.take());
                    }
                }
                allowed
            }
            _ => choice,
        },
        _ => choice,
    }
}

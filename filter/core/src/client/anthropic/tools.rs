//! Tools and the choice among them, turned into chat's.

use super::{content, names, object, refused};
use crate::error::Error;
use serde_json::{Map, Value, json};

/// Puts `tools`, `tool_choice`, `parallel_tool_calls` and `web_search_options` into the chat request.
pub(super) fn chat(
    tools: Option<Value>,
    choice: Option<Value>,
    chat: &mut Map<String, Value>,
) -> Result<(), Error> {
    let tools = match tools {
        None => Vec::new(),
        Some(Value::Array(tools)) => tools,
        Some(_) => return Err(refused("tools", "must be a list")),
    };
    let mut functions = Vec::with_capacity(tools.len());
    let mut searches = false;
    for (index, tool) in tools.into_iter().enumerate() {
        let at = format!("tools.{index}");
        let Value::Object(tool) = tool else { return Err(refused(at, "must be an object")) };
        if is_web_search(&tool) {
            searches = true;
            chat.insert("web_search_options".into(), search_options(tool));
        } else if is_hosted(&tool) {
            functions.push(Value::Object(tool));
        } else {
            functions.push(function(tool, &at)?);
        }
    }
    // Searching alone is no tool in chat, and a choice without tools is an error there.
    if searches && functions.is_empty() {
        return Ok(());
    }
    if !functions.is_empty() {
        chat.insert("tools".into(), functions.into());
    }
    if let Some(choice) = choice {
        put_choice(choice, chat)?;
    }
    Ok(())
}

fn kind(tool: &Map<String, Value>) -> &str {
    tool.get("type").and_then(Value::as_str).unwrap_or_default()
}

fn is_web_search(tool: &Map<String, Value>) -> bool {
    kind(tool).starts_with("web_search_")
}

/// A tool Anthropic runs or defines itself (`bash_20250124`, `computer_…`), or one already in another form: kept.
fn is_hosted(tool: &Map<String, Value>) -> bool {
    !matches!(kind(tool), "" | "custom") && !tool.contains_key("input_schema")
}

/// Anthropic's user location is `OpenAI`'s, one level deeper.
fn search_options(mut tool: Map<String, Value>) -> Value {
    match tool.shift_remove("user_location") {
        Some(Value::Object(mut place)) => {
            place.shift_remove("type");
            json!({ "user_location": { "type": "approximate", "approximate": place } })
        }
        _ => json!({}),
    }
}

/// What only tunes Anthropic's handling of a tool (`defer_loading`, `input_examples`, …) stays behind.
fn function(mut tool: Map<String, Value>, at: &str) -> Result<Value, Error> {
    let mut function = Map::new();
    function.insert("name".into(), names::short(content::string(&mut tool, "name", at)?).into());
    for (from, to) in [("description", "description"), ("input_schema", "parameters"), ("strict", "strict")] {
        if let Some(value) = tool.shift_remove(from).filter(|value| !value.is_null()) {
            function.insert(to.into(), value);
        }
    }
    let mut entry = object([("type", "function".into()), ("function", function.into())]);
    content::keep_cache_control(&mut tool, &mut entry);
    Ok(entry)
}

fn put_choice(choice: Value, chat: &mut Map<String, Value>) -> Result<(), Error> {
    let Value::Object(mut choice) = choice else { return Err(refused("tool_choice", "must be an object")) };
    let value = match kind(&choice) {
        "auto" => "auto".into(),
        "any" => "required".into(),
        "none" => "none".into(),
        "tool" => {
            let name = names::short(content::string(&mut choice, "name", "tool_choice")?);
            json!({ "type": "function", "function": { "name": name } })
        }
        _ => return Err(refused("tool_choice.type", "must be 'auto', 'any', 'tool' or 'none'")),
    };
    chat.insert("tool_choice".into(), value);
    if choice.get("disable_parallel_tool_use").and_then(Value::as_bool) == Some(true) {
        chat.insert("parallel_tool_calls".into(), false.into());
    }
    Ok(())
}

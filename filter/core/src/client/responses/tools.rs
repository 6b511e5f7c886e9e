//! Tools and the choice among them, turned into chat's.

use super::{custom, object, refused};
use crate::{error::Error, wire::Target};
use serde_json::{Map, Value, json};

/// What only `OpenAI` runs; no chat upstream has a name for it.
const HOSTED: &[&str] = &[
    "apply_patch",
    "code_interpreter",
    "computer",
    "computer_use",
    "computer_use_preview",
    "file_search",
    "image_generation",
    "local_shell",
    "shell",
    "tool_search",
];

/// Puts `tools`, `tool_choice`, `parallel_tool_calls` and `web_search_options` into the chat request.
pub fn put(
    tools: Option<Value>,
    choice: Option<Value>,
    parallel: Option<Value>,
    target: &Target,
    chat: &mut Map<String, Value>,
) -> Result<(), Error> {
    let tools = match tools {
        None => Vec::new(),
        Some(Value::Array(tools)) => tools,
        Some(_) => return Err(refused("tools", "must be a list")),
    };
    let mut offered = Vec::with_capacity(tools.len());
    for (at, tool) in tools.into_iter().enumerate() {
        let Value::Object(tool) = tool else {
            return Err(refused(format!("tools[{at}]"), "must be an object"));
        };
        let kind = tool.get("type").and_then(Value::as_str).unwrap_or_default();
        match kind {
            "function" => offered.push(function(tool)),
            "custom" => {
                offered.push(object([("type", "function".into()), ("function", custom::function(&tool))]));
            }
            _ if kind.starts_with("web_search") => {
                if target.provider().takes("web_search_options", target.deployment) {
                    chat.insert("web_search_options".into(), search(tool));
                }
            }
            _ if HOSTED.contains(&kind) => {}
            _ => offered.push(tool.into()),
        }
    }
    if offered.is_empty() {
        return Ok(());
    }
    chat.insert("tools".into(), offered.into());
    chat.extend(choice.and_then(chosen).map(|choice| ("tool_choice".to_owned(), choice)));
    chat.extend(parallel.map(|parallel| ("parallel_tool_calls".to_owned(), parallel)));
    Ok(())
}

fn function(mut tool: Map<String, Value>) -> Value {
    let mut function = Map::new();
    for name in ["name", "description", "parameters", "strict"] {
        function
            .extend(tool.shift_remove(name).filter(|value| !value.is_null()).map(|it| (name.to_owned(), it)));
    }
    let parameters = function.entry("parameters").or_insert_with(|| json!({}));
    if let Some(parameters) = parameters.as_object_mut() {
        parameters.entry("type").or_insert_with(|| "object".into());
    }
    function.entry("strict").or_insert_with(|| false.into());
    let mut out = object([("type", "function".into()), ("function", function.into())]);
    if let (Some(control), Some(out)) = (tool.shift_remove("cache_control"), out.as_object_mut()) {
        out.insert("cache_control".into(), control);
    }
    out
}

fn search(mut tool: Map<String, Value>) -> Value {
    let mut options = Map::new();
    if let Some(size) = tool.shift_remove("search_context_size").filter(Value::is_string) {
        options.insert("search_context_size".into(), size);
    }
    if let Some(Value::Object(mut place)) = tool.shift_remove("user_location") {
        place.shift_remove("type");
        let place = place.shift_remove("approximate").unwrap_or_else(|| place.into());
        options.insert("user_location".into(), json!({ "type": "approximate", "approximate": place }));
    }
    options.into()
}

/// A named tool is named one level deeper in chat. A choice of what is not offered there is none.
fn chosen(choice: Value) -> Option<Value> {
    let Some(kind) = choice.get("type").and_then(Value::as_str) else { return Some(choice) };
    match kind {
        "auto" | "none" | "required" => Some(kind.into()),
        "function" | "custom" | "tool" => {
            let name = choice.get("name").or_else(|| choice.get(kind)?.get("name"));
            Some(match name {
                Some(name) => json!({ "type": "function", "function": { "name": name } }),
                None => "required".into(),
            })
        }
        "allowed_tools" => choice.get("mode").filter(|mode| mode.is_string()).cloned(),
        _ => None,
    }
}

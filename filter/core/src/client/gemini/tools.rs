//! Tools and the choice among them, turned into chat's.

use super::{refused, schema, take};
use crate::{error::Error, wire::Target};
use serde_json::{Map, Value, json};

/// Puts `tools`, `tool_choice` and `web_search_options` into the chat request. What only Google runs (code, maps) stays
/// behind.
pub fn put(
    tools: Option<Value>,
    config: Option<Value>,
    target: &Target,
    chat: &mut Map<String, Value>,
) -> Result<(), Error> {
    let tools = match tools {
        None => Vec::new(),
        Some(Value::Array(tools)) => tools,
        Some(tool @ Value::Object(_)) => vec![tool],
        Some(_) => return Err(refused("tools", "must be a list")),
    };
    let mut functions = Vec::new();
    for tool in tools {
        let Value::Object(mut tool) = tool else { continue };
        if let Some(Value::Array(declared)) = take(&mut tool, "functionDeclarations") {
            functions.extend(declared.into_iter().filter_map(function));
        }
        let searches =
            ["googleSearch", "googleSearchRetrieval"].iter().any(|name| take(&mut tool, name).is_some());
        if searches && target.provider().takes("web_search_options", target.deployment) {
            chat.insert("web_search_options".into(), json!({}));
        }
    }
    if functions.is_empty() {
        return Ok(());
    }
    if let Some(choice) = config.and_then(|config| choice(config, &mut functions)) {
        chat.insert("tool_choice".into(), choice);
    }
    chat.insert("tools".into(), functions.into());
    Ok(())
}

fn function(declared: Value) -> Option<Value> {
    let Value::Object(mut declared) = declared else { return None };
    let given = take(&mut declared, "parametersJsonSchema");
    let parameters = given.or_else(|| take(&mut declared, "parameters").map(schema::json));
    let mut function = Map::new();
    function.insert("name".into(), take(&mut declared, "name")?);
    function.extend(take(&mut declared, "description").map(|said| ("description".to_owned(), said)));
    let none = || json!({ "type": "object", "properties": {} });
    function.insert("parameters".into(), parameters.unwrap_or_else(none));
    Some(json!({ "type": "function", "function": function }))
}

/// One name among several is a choice in chat; of more than one, the others are not offered.
fn choice(config: Value, functions: &mut Vec<Value>) -> Option<Value> {
    let Value::Object(mut config) = config else { return None };
    let Some(Value::Object(mut calling)) = take(&mut config, "functionCallingConfig") else { return None };
    let allowed = take(&mut calling, "allowedFunctionNames");
    let allowed: Vec<&str> =
        allowed.as_ref().and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect();
    match take(&mut calling, "mode")?.as_str()?.to_uppercase().as_str() {
        "NONE" => Some("none".into()),
        "ANY" => match allowed.as_slice() {
            [name] => Some(json!({ "type": "function", "function": { "name": name } })),
            [] => Some("required".into()),
            several => {
                functions.retain(|function| {
                    let name = function.pointer("/function/name").and_then(Value::as_str);
                    name.is_some_and(|name| several.contains(&name))
                });
                Some("required".into())
            }
        },
        _ => Some("auto".into()),
    }
}

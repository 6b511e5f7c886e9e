//! Tools, in either chat format, and calls of them.

use super::{refused, schema};
use crate::{error::Error, wire::python};
use serde_json::{Map, Value, json};

/// From a tool of a chat request: `{"type": "FUNCTION", …}`.
pub fn generic(tool: &Value) -> Result<Value, Error> {
    let function = function(tool)?;
    let mut out = Map::from_iter([("type".to_owned(), "FUNCTION".into())]);
    out.extend(function.get("name").map(|name| ("name".to_owned(), name.clone())));
    out.insert("description".into(), function.get("description").cloned().unwrap_or_else(|| "".into()));
    let parameters = function.get("parameters").filter(|schema| schema.is_object()).cloned();
    out.insert("parameters".into(), schema::plain(parameters.unwrap_or_else(|| json!({}))));
    Ok(out.into())
}

/// The same for models of Cohere's, whose tools have a list of parameters instead of a schema.
pub fn cohere(tool: &Value) -> Result<Value, Error> {
    let function = function(tool)?;
    let text = |name: &str| function.get(name).and_then(Value::as_str).unwrap_or_default();
    let schema = schema::plain(function.get("parameters").cloned().unwrap_or_default());
    let required = schema.get("required").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let parameters = schema.get("properties").and_then(Value::as_object).into_iter().flatten();
    let parameters = parameters.map(|(name, schema)| {
        let is_required = required.iter().any(|required| required == name.as_str());
        let kind = schema.get("type").and_then(Value::as_str).unwrap_or("string");
        let parameter =
            json!({ "description": described(schema), "type": python_type(kind), "isRequired": is_required });
        (name.clone(), parameter)
    });
    let parameters: Map<String, Value> = parameters.collect();
    Ok(
        json!({ "name": text("name"), "description": text("description"), "parameterDefinitions": parameters }),
    )
}

fn function(tool: &Value) -> Result<&Value, Error> {
    let function = tool.get("function").filter(|function| function.is_object());
    function
        .filter(|_| tool.get("type").is_none_or(|kind| kind == "function"))
        .ok_or_else(|| refused("OCI only supports function tools"))
}

/// Cohere's models know Python's names.
fn python_type(kind: &str) -> &str {
    match kind {
        "string" => "str",
        "integer" => "int",
        "number" => "float",
        "boolean" => "bool",
        "array" => "list",
        "object" => "dict",
        other => other,
    }
}

/// A parameter's description, and what its schema says beside it.
fn described(schema: &Value) -> String {
    let description = schema.get("description").and_then(Value::as_str).filter(|text| !text.is_empty());
    let mut parts: Vec<String> = description.map(str::to_owned).into_iter().collect();
    let printed = |name: &str| schema.get(name).map(python::printed);
    let plain = |name: &str| {
        let value = schema.get(name)?;
        Some(value.as_str().map_or_else(|| python::printed(value), str::to_owned))
    };
    parts.extend(printed("enum").map(|values| format!("Allowed values: {values}")));
    parts.extend(plain("format").map(|format| format!("Format: {format}")));
    let bounds = [("min", printed("minimum")), ("max", printed("maximum"))];
    let bounds = bounds.into_iter().filter_map(|(name, bound)| Some(format!("{name}={}", bound?)));
    let bounds = bounds.collect::<Vec<_>>().join(", ");
    if !bounds.is_empty() {
        parts.push(format!("Range: {bounds}"));
    }
    parts.extend(plain("pattern").map(|pattern| format!("Pattern: {pattern}")));
    parts.join(". ")
}

/// A call of a tool as Cohere's format has it, which has no ids.
pub fn cohere_call(call: &Value) -> Value {
    let text = |path: &str| call.pointer(path).and_then(Value::as_str).unwrap_or_default();
    let arguments = serde_json::from_str::<Map<String, Value>>(text("/function/arguments"));
    json!({ "name": text("/function/name"), "parameters": arguments.unwrap_or_default() })
}

/// A call of a tool as `OpenAI`'s clients know it, with an id where it has none.
pub fn call(native: &Value, id: impl FnOnce() -> String) -> Value {
    let given = native.get("id").and_then(Value::as_str).filter(|id| !id.is_empty());
    let arguments = native.get("arguments").or_else(|| native.get("parameters"));
    let arguments = match arguments {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Null) | None => String::new(),
        Some(value) => value.to_string(),
    };
    let id = given.map_or_else(id, str::to_owned);
    json!({ "id": id, "type": "function", "function": { "name": native.get("name"), "arguments": arguments } })
}

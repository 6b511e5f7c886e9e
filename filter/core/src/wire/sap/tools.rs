//! Tools and the form of an answer, all of whose fields have to be there.

use super::messages::{only, refused};
use crate::error::Error;
use serde_json::{Map, Value, json};

/// From a tool of a chat request.
pub fn tool(tool: &Value) -> Result<Value, Error> {
    let Some(given) = tool.get("function").filter(|function| function.get("name").is_some()) else {
        return Err(refused("a tool is a function with a name"));
    };
    let mut function = only(given, &["description", "name", "strict"]);
    function.entry("description").or_insert_with(|| "".into());
    function.entry("strict").or_insert(Value::Bool(false));
    function.insert("parameters".into(), schema(given.get("parameters")).into());
    let mut out = only(tool, &["cache_control"]);
    out.insert("type".into(), "function".into());
    out.insert("function".into(), function.into());
    Ok(out.into())
}

/// A schema of an object.
fn schema(given: Option<&Value>) -> Map<String, Value> {
    let mut schema = given.and_then(Value::as_object).cloned().unwrap_or_default();
    schema.entry("type").or_insert_with(|| "object".into());
    schema.entry("properties").or_insert_with(|| json!({}));
    schema
}

/// The form that an answer is to have.
pub fn response_format(given: &Value) -> Value {
    let mut out = only(given, &["type"]);
    if let Some(schema) = given.get("json_schema") {
        out.insert("json_schema".into(), only(schema, &["description", "name", "schema", "strict"]).into());
    }
    out.into()
}

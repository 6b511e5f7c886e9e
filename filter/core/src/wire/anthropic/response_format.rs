//! `response_format`: held natively by the models that can, by a forced tool on the others.
//! <https://docs.anthropic.com/en/docs/build-with-claude/structured-outputs>

use super::{JSON_TOOL, model::Model, schema, tools};
use serde_json::{Map, Value, json};

/// Asks for JSON. A format without a schema asks for nothing the API knows.
pub fn apply(body: &mut Map<String, Value>, mut format: Value, thinks: bool, model: Model) {
    let is_schema = format.get("type").is_some_and(|kind| kind == "json_schema");
    let Some(asked) = take_schema(&mut format) else { return };
    if model.has("supports_native_structured_output") {
        body.insert(
            "output_format".into(),
            json!({ "type": "json_schema", "schema": schema::output(asked) }),
        );
        return;
    }
    if format.get("type").is_some_and(|kind| kind == "text") {
        return;
    }
    let mut input = match asked {
        Value::Object(asked) => asked,
        _ => Map::new(),
    };
    input.entry("type").or_insert_with(|| "object".into());
    let mut input = Value::Object(input);
    if is_schema {
        schema::relative_references(&mut input);
    }
    tools::push(body, json!({ "name": JSON_TOOL, "input_schema": input }));
    // A model that thinks refuses to be forced.
    if !thinks && model.can_be_forced() {
        body.insert("tool_choice".into(), json!({ "type": "tool", "name": JSON_TOOL }));
    }
}

fn take_schema(format: &mut Value) -> Option<Value> {
    let format = format.as_object_mut()?;
    let schema = match format.remove("response_schema") {
        Some(schema) => schema,
        None => format.get_mut("json_schema")?.get_mut("schema")?.take(),
    };
    schema.is_object().then_some(schema)
}

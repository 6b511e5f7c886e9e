//! `response_format`: held natively by the models that can, by a forced tool on the others.
//! <https://docs.aws.amazon.com/bedrock/latest/userguide/structured-output.html>

use super::{model::Model, tools::Tools};
use crate::wire::{anthropic::JSON_TOOL, json::spaced};
use serde_json::{Map, Value, json};

/// Asks for JSON. A format without a schema asks for nothing the API knows: the prompt will say it.
pub fn apply(
    mut format: Value,
    thinks: bool,
    tools: &mut Tools,
    body: &mut Map<String, Value>,
    model: Model,
) {
    if format.get("type").is_some_and(|kind| kind == "text") {
        return;
    }
    let Some(mut asked) = take_schema(&mut format) else { return };
    if model.has("supports_native_structured_output") {
        close(&mut asked.schema);
        let mut held = json!({ "schema": spaced(&asked.schema) });
        if let Value::Object(held) = &mut held {
            held.extend(asked.name.map(|name| ("name".to_owned(), name)));
            held.extend(asked.description.map(|text| ("description".to_owned(), text)));
        }
        body.insert(
            "outputConfig".into(),
            json!({ "textFormat": { "type": "json_schema", "structure": { "jsonSchema": held } } }),
        );
        return;
    }
    let force = model.can_choose()
        && !thinks
        && model.deployment().supports("supports_forced_tool_use") != Some(false);
    tools.answer_with(JSON_TOOL, &asked.schema, asked.description.as_ref(), force, model);
}

struct Asked {
    schema: Value,
    name: Option<Value>,
    description: Option<Value>,
}

fn take_schema(format: &mut Value) -> Option<Asked> {
    let format = format.as_object_mut()?;
    let asked = if let Some(schema) = format.remove("response_schema") {
        Asked { schema, name: None, description: None }
    } else {
        let given = format.get_mut("json_schema")?.as_object_mut()?;
        let schema = given.remove("schema")?;
        Asked { schema, name: given.remove("name"), description: given.remove("description") }
    };
    asked.schema.is_object().then_some(asked)
}

/// Every object has to say that it is closed.
fn close(schema: &mut Value) {
    let Value::Object(node) = schema else { return };
    if node.get("type").is_some_and(|kind| kind == "object") {
        node.entry("additionalProperties").or_insert_with(|| false.into());
    }
    for (name, below) in node {
        match (name.as_str(), below) {
            ("properties" | "$defs" | "definitions", Value::Object(members)) => {
                members.values_mut().for_each(close);
            }
            ("items", items) => close(items),
            ("anyOf" | "allOf" | "oneOf", Value::Array(parts)) => parts.iter_mut().for_each(close),
            _ => {}
        }
    }
}

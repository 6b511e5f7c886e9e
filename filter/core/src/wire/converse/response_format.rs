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
    let Some(asked) = take_schema(&mut format) else { return };
    if model.has("supports_native_structured_output") {
        body.insert("outputConfig".into(), asked.held());
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

impl Asked {
    /// `outputConfig`.
    fn held(mut self) -> Value {
        close(&mut self.schema);
        let mut held = json!({ "schema": spaced(&self.schema) });
        if let Value::Object(held) = &mut held {
            held.extend(self.name.map(|name| ("name".to_owned(), name)));
            held.extend(self.description.map(|text| ("description".to_owned(), text)));
        }
        json!({ "textFormat": { "type": "json_schema", "structure": { "jsonSchema": held } } })
    }
}

/// Takes Anthropic's way to ask for JSON, `output_config.format`, out of `chat`: `outputConfig` where the model can be
/// held to it.
pub fn of_config(chat: &mut Map<String, Value>, model: Model) -> Option<Value> {
    let format = chat.get_mut("output_config")?.as_object_mut()?.remove("format")?;
    let Value::Object(mut format) = format else { return None };
    let schema = format.remove("schema").filter(Value::is_object)?;
    let asked = Asked { schema, name: format.remove("name"), description: format.remove("description") };
    let can = model.is_claude() && model.has("supports_native_structured_output");
    can.then(|| asked.held())
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

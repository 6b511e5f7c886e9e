//! JSON schemas in the dialects the API takes.

use super::bad_request;
use crate::{error::Error, wire::references};
use serde_json::{Map, Value};

/// Keywords of a tool's schema at its root.
const INPUT_KEYS: [&str; 6] = ["type", "properties", "additionalProperties", "required", "$defs", "strict"];

/// What constrained decoding cannot hold, told to the model as a note instead; in the order of the notes.
const NOTES: [(&str, &str); 25] = [
    ("minItems", "minimum number of items: {}"),
    ("maxItems", "maximum number of items: {}"),
    ("uniqueItems", "all array items must be unique"),
    ("contains", "array must contain an item matching: {}"),
    ("minContains", "minimum number of matching items: {}"),
    ("maxContains", "maximum number of matching items: {}"),
    ("prefixItems", "leading items must match, in order: {}"),
    ("minimum", "minimum value: {}"),
    ("maximum", "maximum value: {}"),
    ("exclusiveMinimum", "exclusive minimum value: {}"),
    ("exclusiveMaximum", "exclusive maximum value: {}"),
    ("multipleOf", "must be a multiple of {}"),
    ("minLength", "minimum length: {}"),
    ("maxLength", "maximum length: {}"),
    ("minProperties", "minimum number of properties: {}"),
    ("maxProperties", "maximum number of properties: {}"),
    ("patternProperties", "properties whose names match each pattern must satisfy: {}"),
    ("propertyNames", "property names must satisfy: {}"),
    ("dependentRequired", "dependent required properties: {}"),
    ("dependentSchemas", "dependent schemas: {}"),
    ("unevaluatedProperties", "unevaluated properties must satisfy: {}"),
    ("if", "conditional (if): {}"),
    ("then", "conditional (then): {}"),
    ("else", "conditional (else): {}"),
    ("not", "must not match: {}"),
];

/// A function's `parameters` as a tool's `input_schema`: an object, old-style definitions copied in place.
pub fn input(parameters: Option<Value>) -> Result<Value, Error> {
    let mut schema = match parameters {
        Some(Value::Object(schema)) => schema,
        None | Some(Value::Null) => Map::new(),
        Some(_) => return Err(bad_request("tools: `parameters` must be an object")),
    };
    schema.insert("type".into(), "object".into());
    schema.entry("properties").or_insert_with(|| Value::Object(Map::new()));
    let mut legacy = Map::new();
    if let Some(Value::Object(mut components)) = schema.remove("components")
        && let Some(Value::Object(schemas)) = components.remove("schemas")
    {
        legacy = schemas;
    }
    if let Some(Value::Object(definitions)) = schema.remove("definitions") {
        legacy.extend(definitions);
    }
    let mut schema = Value::Object(schema);
    if !legacy.is_empty() {
        references::inline(&mut schema, &legacy);
    }
    if let Value::Object(schema) = &mut schema {
        schema.retain(|name, _| INPUT_KEYS.contains(&name.as_str()));
    }
    Ok(schema)
}

/// A schema the API can hold an answer to.
pub fn output(mut schema: Value) -> Value {
    let definitions = match &mut schema {
        Value::Object(root) => match root.remove("$defs").or_else(|| root.remove("definitions")) {
            Some(Value::Object(definitions)) => definitions,
            _ => Map::new(),
        },
        _ => Map::new(),
    };
    if !definitions.is_empty() {
        references::inline(&mut schema, &definitions);
    }
    holdable(schema)
}

/// Turns every `$ref` into `/$defs/<name>`, the form in which tools have long been accepted.
pub fn relative_references(schema: &mut Value) {
    match schema {
        Value::Object(members) => {
            if let Some(Value::String(reference)) = members.get_mut("$ref") {
                let name = reference.rsplit('/').next().unwrap_or_default();
                *reference = format!("/$defs/{name}");
            }
            members.values_mut().for_each(relative_references);
        }
        Value::Array(items) => items.iter_mut().for_each(relative_references),
        _ => {}
    }
}

/// Takes out what the API refuses, leaving a note for the model.
fn holdable(schema: Value) -> Value {
    let Value::Object(schema) = schema else { return schema };
    let notes: Vec<String> = NOTES
        .iter()
        .filter_map(|(name, note)| Some((schema.get(*name)?, note)))
        .filter(|(value, _)| **value != Value::Bool(false))
        .map(|(value, note)| {
            note.replace("{}", &value.as_str().map_or_else(|| value.to_string(), str::to_owned))
        })
        .collect();
    let conflicts = enum_conflicts(&schema);
    let mut own = Map::new();
    if !notes.is_empty() {
        let said = schema.get("description").and_then(Value::as_str).filter(|said| !said.is_empty());
        let note = format!("Note: {}.", notes.join(", "));
        own.insert("description".into(), said.map_or(note.clone(), |said| format!("{said} {note}")).into());
    }
    for (name, value) in schema {
        match (name.as_str(), value) {
            (name, _) if NOTES.iter().any(|(refused, _)| *refused == name) => {}
            ("type", _) if conflicts => {}
            ("description", _) if own.contains_key("description") => {}
            ("properties" | "$defs", Value::Object(members)) => {
                let members = members.into_iter().map(|(name, value)| (name, holdable(value)));
                own.insert(name, Value::Object(members.collect()));
            }
            ("items", value) => {
                own.insert(name, holdable(value));
            }
            ("allOf", Value::Array(parts)) => {
                own.insert(name, parts.into_iter().map(holdable).collect());
            }
            // `oneOf` is refused; the vendor's own SDK sends `anyOf` instead.
            ("anyOf" | "oneOf", Value::Array(parts)) => {
                let either = own.entry("anyOf").or_insert_with(|| Value::Array(Vec::new()));
                if let Value::Array(either) = either {
                    either.extend(parts.into_iter().map(holdable));
                }
            }
            (_, value) => {
                own.insert(name, value);
            }
        }
    }
    if own.get("type").is_some_and(|kind| kind == "object") {
        own.insert("additionalProperties".into(), false.into());
    }
    Value::Object(own)
}

/// An `enum` that its `type` cannot match is refused; the values say enough.
fn enum_conflicts(schema: &Map<String, Value>) -> bool {
    let (Some(Value::Array(values)), Some(kind)) = (schema.get("enum"), schema.get("type")) else {
        return false;
    };
    let is = match kind.as_str() {
        None => return kind.is_array(),
        Some("null") => Value::is_null,
        Some("boolean") => Value::is_boolean,
        Some("integer") => |value: &Value| value.is_i64() || value.is_u64(),
        Some("number") => Value::is_number,
        Some("string") => Value::is_string,
        Some("array") => Value::is_array,
        Some("object") => Value::is_object,
        Some(_) => return false,
    };
    !values.iter().all(is)
}

//! JSON schemas of tools, without what Oracle's models do not understand.

use crate::wire::references;
use serde_json::{Map, Value, json};

/// A schema without references, alternatives and `null`.
pub fn plain(mut schema: Value) -> Value {
    if let Some(Value::Object(definitions)) = schema.as_object_mut().and_then(|own| own.shift_remove("$defs"))
    {
        references::inline(&mut schema, &definitions);
    }
    node(schema)
}

fn node(schema: Value) -> Value {
    match schema {
        Value::Object(own) => object(own).into(),
        Value::Array(items) => items.into_iter().map(node).collect(),
        other => other,
    }
}

fn object(mut own: Map<String, Value>) -> Map<String, Value> {
    choose(&mut own);
    // What refers to itself is left without an end.
    if own.get("$ref").and_then(Value::as_str).is_some_and(|to| to.starts_with("#/$defs/")) {
        return Map::from_iter([("type".to_owned(), "object".into())]);
    }
    let said = |(name, value): (String, Value)| match name.as_str() {
        "title" if value.is_string() => None,
        "default" if value.is_null() => None,
        "type" => Some((name, one_type(value))),
        _ => Some((name, node(value))),
    };
    let mut own: Map<String, Value> = own.into_iter().filter_map(said).collect();
    if own.get("type").is_some_and(|kind| kind == "array") {
        own.entry("items").or_insert_with(|| json!({ "type": "object" }));
    }
    if let Some(Value::Array(required)) = own.get("required")
        && let Some(Value::Object(properties)) = own.get("properties")
    {
        let known = |name: &&Value| name.as_str().is_some_and(|name| properties.contains_key(name));
        let required: Vec<Value> = required.iter().filter(known).cloned().collect();
        own.insert("required".into(), required.into());
    }
    own
}

/// The first alternative that is not `null` stands for all.
fn choose(own: &mut Map<String, Value>) {
    if own.contains_key("type") {
        return;
    }
    let some = |either: &Value| either.get("type").is_none_or(|kind| kind != "null");
    let first = own.get("anyOf").and_then(Value::as_array).and_then(|all| all.iter().find(|one| some(one)));
    if let Some(Value::Object(first)) = first.cloned() {
        own.shift_remove("anyOf");
        own.extend(first);
    }
}

fn one_type(kind: Value) -> Value {
    match kind {
        Value::Array(kinds) => {
            kinds.into_iter().find(|kind| kind != "null").unwrap_or_else(|| "string".into())
        }
        kind if kind == "any" => "object".into(),
        // A property of this name is a schema.
        kind => node(kind),
    }
}

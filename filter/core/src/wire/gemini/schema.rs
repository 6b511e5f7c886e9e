//! JSON schemas in the dialect the API takes: a part of `OpenAPI`'s. <https://ai.google.dev/api/caching#Schema>

use crate::wire::references;
use serde_json::{Map, Value, json};

/// The keywords it knows. Others are refused, so they are left out. Sorted.
const KEYWORDS: [&str; 22] = [
    "anyOf",
    "default",
    "description",
    "enum",
    "example",
    "format",
    "items",
    "maxItems",
    "maxLength",
    "maxProperties",
    "maximum",
    "minItems",
    "minLength",
    "minProperties",
    "minimum",
    "nullable",
    "pattern",
    "properties",
    "propertyOrdering",
    "required",
    "title",
    "type",
];

/// Of those, the ones that say something about objects or arrays only.
const STRUCTURAL: [&str; 7] =
    ["items", "maxItems", "maxProperties", "minItems", "minProperties", "properties", "required"];

/// A schema in which everything the API refuses is rewritten, or left out.
pub fn open_api(mut schema: Value) -> Value {
    let mut definitions = Map::new();
    if let Some(root) = schema.as_object_mut() {
        for name in ["$defs", "definitions"] {
            if let Some(Value::Object(own)) = root.shift_remove(name) {
                definitions.extend(own);
            }
        }
    }
    if !definitions.is_empty() {
        references::inline(&mut schema, &definitions);
    }
    node(schema)
}

/// A schema in which every object says in which order its members come; the API sorts them otherwise.
pub fn ordered(mut schema: Value) -> Value {
    if let Some(own) = schema.as_object_mut() {
        if let Some(Value::Object(members)) = own.get_mut("properties") {
            let names: Vec<Value> = members.keys().map(|name| name.as_str().into()).collect();
            for member in members.values_mut() {
                *member = ordered(member.take());
            }
            own.entry("propertyOrdering").or_insert_with(|| names.into());
        }
        if let Some(items) = own.get_mut("items") {
            *items = ordered(items.take());
        }
    }
    schema
}

fn node(schema: Value) -> Value {
    let Value::Object(mut own) = schema else { return schema };
    nullable(&mut own);
    one_type(&mut own);
    strings_only(&mut own);
    if own.get("type").is_some_and(|kind| kind == "array") && empty(own.get("items")) {
        own.insert("items".into(), json!({ "type": "object" }));
    }
    if !["type", "anyOf", "oneOf", "allOf"].iter().any(|name| own.contains_key(*name)) {
        own.insert("type".into(), "object".into());
    }
    objects(&mut own);
    if let Some(Value::Array(either)) =
        own.get_mut("anyOf").filter(|either| !empty(Some(either))).map(Value::take)
    {
        return alternatives(&own, either);
    }
    let kept = own.into_iter().filter_map(|(name, value)| Some((keep(&name, value)?, name)));
    Value::Object(kept.map(|(value, name)| (name, value)).collect())
}

/// What is left of a keyword.
fn keep(name: &str, value: Value) -> Option<Value> {
    KEYWORDS.binary_search(&name).ok()?;
    match (name, value) {
        ("properties", Value::Object(members)) => {
            Some(Value::Object(members.into_iter().map(|(name, member)| (name, node(member))).collect()))
        }
        ("items", items) => Some(node(items)),
        ("format", format) => (format == "enum" || format == "date-time").then_some(format),
        (_, value) => Some(value),
    }
}

fn empty(value: Option<&Value>) -> bool {
    value.is_none_or(|value| match value {
        Value::Object(map) => map.is_empty(),
        Value::Array(list) => list.is_empty(),
        other => other.is_null(),
    })
}

/// A list of types is a choice between them; what concerns objects or arrays goes along with those.
fn one_type(own: &mut Map<String, Value>) {
    let Some(Value::Array(kinds)) = own.get("type").cloned() else { return };
    own.shift_remove("type");
    if let [kind] = kinds.as_slice() {
        own.insert("type".into(), kind.clone());
        return;
    }
    let structured = |kind: &Value| kind == "object" || kind == "array";
    let moved: Vec<(String, Value)> = if kinds.iter().any(structured) {
        STRUCTURAL.iter().filter_map(|name| own.shift_remove_entry(*name)).collect()
    } else {
        Vec::new()
    };
    let either = kinds.into_iter().filter(Value::is_string).map(|kind| {
        let mut one: Map<String, Value> =
            if structured(&kind) { moved.iter().cloned().collect() } else { Map::new() };
        one.insert("type".into(), kind);
        Value::Object(one)
    });
    let either = either.collect();
    own.insert("anyOf".into(), either);
}

/// A choice with null is a choice of what may be null.
fn nullable(own: &mut Map<String, Value>) {
    let Some(Value::Array(either)) = own.get_mut("anyOf") else { return };
    let count = either.len();
    either.retain(|one| one.get("type").is_none_or(|kind| kind != "null"));
    let with_null = either.len() < count;
    for one in either.iter_mut().filter_map(Value::as_object_mut) {
        if one.is_empty() {
            one.insert("type".into(), "object".into());
        }
        if with_null {
            one.insert("nullable".into(), true.into());
        }
    }
    if either.is_empty() {
        own.shift_remove("anyOf");
        own.insert("type".into(), "null".into());
    }
}

/// Only strings can be enumerated, and none of them is empty.
fn strings_only(own: &mut Map<String, Value>) {
    let is_string = |schema: &Value| schema.get("type").is_some_and(|kind| kind == "string");
    let string = own.get("type").is_some_and(|kind| kind == "string")
        || own.get("anyOf").and_then(Value::as_array).is_some_and(|either| either.iter().any(is_string));
    if !string {
        own.shift_remove("enum");
    } else if let Some(Value::Array(values)) = own.get_mut("enum") {
        for value in values.iter_mut().filter(|value| *value == "") {
            *value = Value::Null;
        }
    }
}

/// Whatever has members is an object; one without members says nothing of them.
fn objects(own: &mut Map<String, Value>) {
    if own.get("required").is_some_and(Value::is_null) {
        own.shift_remove("required");
    }
    let Some(members) = own.get("properties").filter(|members| !members.is_null()) else { return };
    if empty(Some(members)) {
        own.shift_remove("properties");
        own.shift_remove("required");
    }
    own.insert("type".into(), "object".into());
}

/// A choice stands alone: what was said beside it is said in each of its alternatives.
fn alternatives(own: &Map<String, Value>, either: Vec<Value>) -> Value {
    let said = |name: &str| {
        own.get(name).filter(|value| value.as_str().is_some_and(|text| !text.is_empty())).cloned()
    };
    let (title, description) = (said("title"), said("description"));
    let either = either.into_iter().map(|one| {
        let mut one = node(one);
        if let Some(one) = one.as_object_mut() {
            for (name, value) in [("title", &title), ("description", &description)] {
                if let Some(value) = value {
                    one.insert(name.into(), value.clone());
                }
            }
        }
        one
    });
    json!({ "anyOf": either.collect::<Vec<Value>>() })
}

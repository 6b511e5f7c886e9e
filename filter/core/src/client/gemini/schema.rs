//! Schemas in Google's dialect, turned into JSON Schema. <https://ai.google.dev/api/caching#Schema>

use serde_json::{Map, Value, json};

/// Types are written in capitals there, may be null by a flag, and numbers are texts.
pub fn json(schema: Value) -> Value {
    let Value::Object(mut schema) = schema else { return schema };
    let nullable = schema.shift_remove("nullable") == Some(Value::Bool(true));
    for name in ["propertyOrdering", "property_ordering", "example"] {
        schema.shift_remove(name);
    }
    rename(&mut schema);
    if let Some(kind) = schema.get_mut("type").filter(|kind| kind.is_string()) {
        let lower = kind.as_str().unwrap_or_default().to_lowercase();
        *kind = if nullable { json!([lower, "null"]) } else { lower.into() };
    }
    if let Some(Value::Object(properties)) = schema.get_mut("properties") {
        for property in properties.values_mut() {
            *property = json(property.take());
        }
    }
    if let Some(items) = schema.get_mut("items") {
        *items = json(items.take());
    }
    for name in ["anyOf", "oneOf", "allOf"] {
        if let Some(Value::Array(branches)) = schema.get_mut(name) {
            for branch in branches {
                *branch = json(branch.take());
            }
        }
    }
    schema.into()
}

/// Names in either case, and counts that are texts because they have 64 bits.
fn rename(schema: &mut Map<String, Value>) {
    const COUNTS: [&str; 6] =
        ["maxItems", "minItems", "maxLength", "minLength", "maxProperties", "minProperties"];
    for name in COUNTS.into_iter().chain(["anyOf"]) {
        if let Some(value) = schema.shift_remove(&super::snake(name)) {
            schema.entry(name).or_insert(value);
        }
        if let Some(value) = schema.get_mut(name)
            && let Some(count) = value.as_str().and_then(|text| text.parse::<u64>().ok())
        {
            *value = count.into();
        }
    }
}

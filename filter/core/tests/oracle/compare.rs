//! Equality as the recordings mean it: nulls are absent, `<any>` is anything, numbers compare by value, tool
//! arguments as the JSON they are.

use serde_json::{Map, Value};

/// What differs, as lines for people; empty when the values are equal.
pub fn differences(expected: &Value, actual: &Value) -> Vec<String> {
    let mut out = Vec::new();
    compare(expected, actual, "", &mut out);
    out
}

fn compare(expected: &Value, actual: &Value, path: &str, out: &mut Vec<String>) {
    match (expected, actual) {
        (Value::String(any), actual) if any == "<any>" && !actual.is_null() => {}
        (Value::Object(expected), Value::Object(actual)) => objects(expected, actual, path, out),
        (Value::Array(expected), Value::Array(actual)) if expected.len() == actual.len() => {
            for (at, (expected, actual)) in expected.iter().zip(actual).enumerate() {
                compare(expected, actual, &format!("{path}[{at}]"), out);
            }
        }
        (Value::Number(a), Value::Number(b)) if close(a.as_f64(), b.as_f64()) => {}
        (Value::String(a), Value::String(b))
            if is_json(path) && json(a).is_some_and(|a| Some(a) == json(b)) => {}
        (a, b) if a == b => {}
        (a, b) => out.push(format!("{path}: expected {a}, got {b}")),
    }
}

fn objects(expected: &Map<String, Value>, actual: &Map<String, Value>, path: &str, out: &mut Vec<String>) {
    let names = expected.keys().chain(actual.keys().filter(|name| !expected.contains_key(*name)));
    for name in names {
        let expected = present(name, expected.get(name));
        let actual = present(name, actual.get(name));
        match (expected, actual) {
            (None, None) => {}
            (expected, actual) => {
                let null = &Value::Null;
                compare(expected.unwrap_or(null), actual.unwrap_or(null), &format!("{path}.{name}"), out);
            }
        }
    }
}

/// The recordings leave out what is null, and some fields when empty.
fn present<'a>(name: &str, value: Option<&'a Value>) -> Option<&'a Value> {
    value.filter(|value| match value {
        Value::Null => false,
        Value::Object(map) if name == "provider_specific_fields" => {
            map.values().any(|value| !value.is_null())
        }
        Value::Array(list) => {
            !(list.is_empty() && matches!(name, "images" | "thinking_blocks" | "annotations"))
        }
        _ => true,
    })
}

/// Tool arguments, in either dialect.
fn is_json(path: &str) -> bool {
    path.ends_with(".arguments") || path.ends_with(".partial_json")
}

fn close(a: Option<f64>, b: Option<f64>) -> bool {
    let (Some(a), Some(b)) = (a, b) else { return a == b };
    (a - b).abs() <= 1e-9 * a.abs().max(b.abs())
}

fn json(text: &str) -> Option<Value> {
    serde_json::from_str(text).ok()
}

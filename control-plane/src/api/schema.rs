//! Checks a JSON value against the schema that its Rust type has in the `OpenAPI` document, and names everything that
//! is wrong. So a bound is written once, on the field, and documented, enforced and reported from there.

use crate::error::Malformed;
use schemars::{JsonSchema, SchemaGenerator, generate::SchemaSettings};
use serde_json::{Map, Value, json};

/// Deeper than this, values are refused: nothing the API takes is half as deep.
const DEEPEST: usize = 32;
/// Faults told about one request.
const MOST_FAULTS: usize = 50;

/// The schema of a type, every part of it in place.
pub fn of<T: JsonSchema>() -> Value {
    let settings = SchemaSettings::default().with(|s| s.inline_subschemas = true);
    SchemaGenerator::new(settings).into_root_schema_for::<T>().into()
}

/// Everything that is wrong with `value`, found at `place` (`body`, `query`).
pub fn faults(schema: &Value, value: &Value, place: &str) -> Vec<Malformed> {
    let mut check = Check { loc: vec![place.into()], found: Vec::new() };
    check.value(schema, value);
    check.found
}

struct Check {
    loc: Vec<Value>,
    found: Vec<Malformed>,
}

impl Check {
    fn fault(&mut self, kind: &str, msg: impl Into<String>, input: &Value) {
        if self.found.len() < MOST_FAULTS {
            // A large input is not sent back: it is known to the client, and may be a secret of some length.
            let input = if input.is_object() || input.is_array() { json!({}) } else { shortened(input) };
            self.found.push(Malformed { r#type: kind.into(), loc: self.loc.clone(), msg: msg.into(), input });
        }
    }

    fn at(&mut self, step: Value, schema: &Value, value: &Value) {
        self.loc.push(step);
        if self.loc.len() > DEEPEST {
            self.fault("recursion_limit", format!("Input should be nested at most {DEEPEST} deep"), value);
        } else {
            self.value(schema, value);
        }
        self.loc.pop();
    }

    fn value(&mut self, schema: &Value, value: &Value) {
        if let Some(choices) = schema.get("anyOf").and_then(Value::as_array) {
            // What schemars writes for an optional struct (the struct, or null), and for what can be of several types.
            let fitting = choices.iter().find(|choice| is_of_type(choice, value));
            let meant = choices.iter().find(|choice| choice.get("type") != Some(&json!("null")));
            if let Some(choice) = fitting.or(meant) {
                self.value(choice, value);
            }
            return;
        }
        if !is_of_type(schema, value) {
            let (kind, expected) = type_fault(schema);
            return self.fault(kind, format!("Input should be a valid {expected}"), value);
        }
        if let Some(choices) = schema.get("enum").and_then(Value::as_array)
            && !choices.contains(value)
        {
            let listed: Vec<_> = choices.iter().map(|c| c.to_string().replace('"', "'")).collect();
            self.fault("enum", format!("Input should be {}", listed.join(" or ")), value);
        }
        match value {
            Value::Number(number) => self.number(schema, number.as_f64().unwrap_or(f64::NAN), value),
            Value::String(text) => {
                self.length(schema, ["minLength", "maxLength"], text.chars().count(), "characters", value);
            }
            Value::Array(items) => {
                self.length(schema, ["minItems", "maxItems"], items.len(), "items", value);
                let item = schema.get("items").unwrap_or(&Value::Null);
                for (i, value) in items.iter().enumerate() {
                    self.at(i.into(), item, value);
                }
            }
            Value::Object(fields) => self.object(schema, fields),
            Value::Null | Value::Bool(_) => {}
        }
    }

    fn number(&mut self, schema: &Value, number: f64, value: &Value) {
        let bound = |name: &str| schema.get(name).and_then(Value::as_f64);
        if let Some(least) = bound("minimum").filter(|least| number < *least) {
            self.fault(
                "greater_than_equal",
                format!("Input should be greater than or equal to {least}"),
                value,
            );
        }
        if let Some(most) = bound("maximum").filter(|most| number > *most) {
            self.fault("less_than_equal", format!("Input should be less than or equal to {most}"), value);
        }
    }

    fn length(&mut self, schema: &Value, bounds: [&str; 2], length: usize, of: &str, value: &Value) {
        let [least, most] =
            bounds.map(|name| schema.get(name).and_then(Value::as_u64).and_then(|n| usize::try_from(n).ok()));
        if let Some(least) = least.filter(|least| length < *least) {
            self.fault("too_short", format!("Input should have at least {least} {of}"), value);
        }
        if let Some(most) = most.filter(|most| length > *most) {
            self.fault("too_long", format!("Input should have at most {most} {of}"), value);
        }
    }

    fn object(&mut self, schema: &Value, fields: &Map<String, Value>) {
        for name in schema.get("required").and_then(Value::as_array).into_iter().flatten() {
            if name.as_str().is_some_and(|name| !fields.contains_key(name)) {
                self.loc.push(name.clone());
                self.fault("missing", "Field required", &json!({}));
                self.loc.pop();
            }
        }
        let properties = schema.get("properties");
        for (name, value) in fields {
            let property =
                properties.and_then(|p| p.get(name)).or_else(|| schema.get("additionalProperties"));
            self.at(name.as_str().into(), property.unwrap_or(&Value::Null), value);
        }
    }
}

/// A text cut to what is enough to recognise it by.
fn shortened(input: &Value) -> Value {
    match input.as_str() {
        Some(text) if text.chars().count() > 64 => {
            format!("{}…", text.chars().take(64).collect::<String>()).into()
        }
        _ => input.clone(),
    }
}

fn types(schema: &Value) -> Vec<&str> {
    match schema.get("type") {
        Some(Value::String(one)) => vec![one],
        Some(Value::Array(several)) => several.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    }
}

fn is_of_type(schema: &Value, value: &Value) -> bool {
    let types = types(schema);
    types.is_empty()
        || types.iter().any(|name| match *name {
            "null" => value.is_null(),
            "boolean" => value.is_boolean(),
            "integer" => value.is_i64() || value.is_u64(),
            "number" => value.is_number(),
            "string" => value.is_string(),
            "array" => value.is_array(),
            "object" => value.is_object(),
            _ => true,
        })
}

/// Pydantic's name of the fault, and of what it expected.
fn type_fault(schema: &Value) -> (&'static str, &'static str) {
    match types(schema).into_iter().find(|name| *name != "null") {
        Some("boolean") => ("bool_type", "boolean"),
        Some("integer") => ("int_type", "integer"),
        Some("number") => ("float_type", "number"),
        Some("array") => ("list_type", "list"),
        Some("object") => ("dict_type", "dictionary"),
        _ => ("string_type", "string"),
    }
}

//! One mapping of the file, taken apart field by field; what nobody took is warned about.

use super::Reading;
use crate::{environment::below, fault::Fault};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

/// A mapping being read.
pub(super) struct Section<'a> {
    fields: Map<String, Value>,
    path: String,
    reading: &'a mut Reading,
}

impl<'a> Section<'a> {
    /// `null` is an empty mapping; anything else that is none is a fault.
    pub fn new(value: Value, path: &str, reading: &'a mut Reading) -> Self {
        let fields = match value {
            Value::Object(fields) => fields,
            Value::Null => Map::new(),
            _ => {
                reading.faults.push(Fault::new(path, "must be a mapping"));
                Map::new()
            }
        };
        Self { fields, path: path.into(), reading }
    }

    /// Takes a field; `None` if it is absent, `null` or of another type (which is a fault).
    pub fn field<T: DeserializeOwned>(&mut self, name: &str) -> Option<T> {
        let value = self.fields.remove(name).filter(|value| !value.is_null())?;
        match serde_json::from_value(value) {
            Ok(value) => Some(value),
            Err(error) => {
                self.fault(name, error.to_string());
                None
            }
        }
    }

    /// Takes a field that has to be there.
    pub fn required<T: DeserializeOwned>(&mut self, name: &str) -> Option<T> {
        if self.fields.get(name).is_none_or(Value::is_null) {
            self.fields.remove(name);
            self.fault(name, "must be given");
            return None;
        }
        self.field(name)
    }

    /// Takes a number above 0.
    pub fn positive(&mut self, name: &str) -> Option<f64> {
        let number = self.field::<f64>(name)?;
        if number.is_finite() && number > 0.0 {
            return Some(number);
        }
        self.fault(name, "must be above 0");
        None
    }

    /// Takes a section below this one, to be read later.
    pub fn section(&mut self, name: &str) -> Value {
        self.fields.remove(name).unwrap_or_default()
    }

    /// Something is wrong with a field.
    fn fault(&mut self, name: &str, message: impl Into<String>) {
        self.reading.faults.push(Fault::new(below(&self.path, name), message));
    }

    /// Something about a field should be known.
    pub fn warn(&mut self, name: &str, message: impl Into<String>) {
        self.reading.warnings.push(Fault::new(below(&self.path, name), message));
    }

    /// Warns about what is left.
    pub fn finish(mut self) {
        for (name, _) in std::mem::take(&mut self.fields) {
            self.warn(&name, "is not known and has no effect");
        }
    }
}

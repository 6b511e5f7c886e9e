//! Environment variables, as a value: what `os.environ/NAME` in a configuration refers to.

use serde_json::Value;
use std::collections::BTreeMap;

/// How LiteLLM's configuration refers to a variable.
const PREFIX: &str = "os.environ/";

/// A snapshot of the process's environment, with what the configuration adds to it.
#[derive(Clone, Default)]
pub struct Environment(BTreeMap<String, String>);

impl Environment {
    /// The process's own. What is not UTF-8 is left out.
    pub fn of_process() -> Self {
        let text = |pair: (std::ffi::OsString, std::ffi::OsString)| {
            Some((pair.0.into_string().ok()?, pair.1.into_string().ok()?))
        };
        Self(std::env::vars_os().filter_map(text).collect())
    }

    /// The value of a variable; an empty one counts as unset.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// Adds or replaces a variable.
    pub fn set(&mut self, name: impl Into<String>, value: impl Into<String>) {
        self.0.insert(name.into(), value.into());
    }

    /// Replaces every `os.environ/NAME` below `value`; tells `unset` the path and the name of each that is not there.
    /// Such a reference becomes `null`.
    pub fn resolve(&self, value: &mut Value, path: &str, unset: &mut dyn FnMut(String, &str)) {
        match value {
            Value::String(text) => {
                let Some(name) = text.strip_prefix(PREFIX) else { return };
                let found = self.get(name).map(Value::from);
                if found.is_none() {
                    unset(path.into(), name);
                }
                *value = found.unwrap_or_default();
            }
            Value::Array(items) => {
                for (i, item) in items.iter_mut().enumerate() {
                    self.resolve(item, &format!("{path}[{i}]"), unset);
                }
            }
            Value::Object(fields) => {
                for (name, field) in fields {
                    self.resolve(field, &below(path, name), unset);
                }
            }
            _ => {}
        }
    }
}

/// The path of a field: `a.b`, at the top `b`.
pub fn below(path: &str, name: &str) -> String {
    if path.is_empty() { name.into() } else { format!("{path}.{name}") }
}

impl<K: Into<String>, V: Into<String>, const N: usize> From<[(K, V); N]> for Environment {
    fn from(pairs: [(K, V); N]) -> Self {
        Self(pairs.into_iter().map(|(k, v)| (k.into(), v.into())).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn references_are_replaced_and_unset_ones_named() {
        let env = Environment::from([("KEY", "sk-1"), ("EMPTY", "")]);
        let mut value =
            json!({"a": ["os.environ/KEY", {"b": "os.environ/NONE", "c": "os.environ/EMPTY"}], "d": 1});
        let mut unset = Vec::new();
        env.resolve(&mut value, "", &mut |path, name| unset.push(format!("{path} {name}")));
        assert_eq!(value, json!({"a": ["sk-1", {"b": null, "c": null}], "d": 1}));
        assert_eq!(unset, ["a[1].b NONE", "a[1].c EMPTY"]);
    }
}

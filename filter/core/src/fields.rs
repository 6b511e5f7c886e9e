//! A JSON object taken apart at its first level only: the values stay the text they are.

use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, Visitor},
};
use serde_json::value::RawValue;
use std::{borrow::Cow, fmt};

/// The fields in the order they came.
pub struct Fields<'a>(Vec<(Cow<'a, str>, &'a str)>);

impl<'a> Fields<'a> {
    /// Those of a JSON object.
    pub fn of(json: &'a [u8]) -> serde_json::Result<Self> {
        serde_json::from_slice(json)
    }

    /// A field's JSON; of several, the last.
    pub fn get(&self, name: &str) -> Option<&'a str> {
        self.0.iter().rfind(|(field, _)| field == name).map(|(_, value)| *value)
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &'a str)> {
        self.0.iter().map(|(field, value)| (field.as_ref(), *value))
    }

    /// Drops the fields for which `keep` is false.
    pub fn retain(&mut self, keep: impl Fn(&str, &str) -> bool) {
        self.0.retain(|(field, value)| keep(field, value));
    }

    /// Writes the object with one value replaced (at every place it stands) or, where it is missing, added.
    pub fn write(&self, replaced: &[(&str, &str)], out: &mut Vec<u8>) {
        let mut first = true;
        let mut put = |name: &str, value: &str| {
            out.push(if first { b'{' } else { b',' });
            first = false;
            quote(name, out);
            out.push(b':');
            out.extend_from_slice(value.as_bytes());
        };
        for (name, value) in &self.0 {
            let new = replaced.iter().find(|(replaced, _)| replaced == name);
            put(name, new.map_or(value, |(_, new)| new));
        }
        for (name, value) in replaced {
            if self.get(name).is_none() {
                put(name, value);
            }
        }
        out.extend_from_slice(if first { b"{}" } else { b"}" });
    }
}

/// A string, as JSON.
pub fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// Appends a string, as JSON.
pub fn quote(text: &str, out: &mut Vec<u8>) {
    // Writing a string to a vector cannot fail.
    let _ = serde_json::to_writer(out, text);
}

impl<'a> FromIterator<(&'a str, &'a str)> for Fields<'a> {
    fn from_iter<I: IntoIterator<Item = (&'a str, &'a str)>>(fields: I) -> Self {
        Self(fields.into_iter().map(|(name, value)| (name.into(), value)).collect())
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Fields<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Object)
    }
}

#[derive(Deserialize)]
struct Name<'a>(#[serde(borrow)] Cow<'a, str>);

struct Object;

impl<'de> Visitor<'de> for Object {
    type Value = Fields<'de>;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut fields = Vec::with_capacity(16);
        while let Some((Name(name), value)) = map.next_entry::<Name<'de>, &'de RawValue>()? {
            fields.push((name, value.get()));
        }
        Ok(Fields(fields))
    }
}

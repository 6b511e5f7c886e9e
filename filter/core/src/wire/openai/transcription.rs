//! Recordings, as a form. <https://platform.openai.com/docs/api-reference/audio/createTranscription>

use super::This;
use crate::{
    error::Error,
    form::Writer,
    translate::Outgoing,
    wire::{Scribe, Target},
};
use serde_json::{Map, Value};

impl Scribe for This {
    /// The client's file goes on between boundaries that the client knows not to be in it.
    fn request(
        &self,
        asked: Map<String, Value>,
        headers: Vec<(String, String)>,
        target: &Target,
    ) -> Result<Outgoing, Error> {
        let boundary = target.call.form.as_ref().map(|form| form.boundary.as_str()).unwrap_or_default();
        let (part, file) = target.call.recording().ok_or_else(|| Error::invalid("file: field required"))?;
        let mut form = Writer::new(boundary, file.len());
        let written = asked.iter().all(|(name, value)| write(&mut form, name, value));
        let filename = part.filename.as_deref().unwrap_or_default();
        if !written || !form.file("file", filename, part.content_type.as_deref(), file) {
            return Err(Error::invalid("Invalid form: the boundary is in one of its parts"));
        }
        let content_type = format!("multipart/form-data; boundary=\"{boundary}\"").into();
        Ok(Outgoing { path: target.path(), headers, content_type, body: form.finish() })
    }

    fn answer(&self, body: Value, _target: &Target) -> Result<Value, Error> {
        Ok(body)
    }
}

/// Writes a setting; a list as a field for each.
fn write(form: &mut Writer, name: &str, value: &Value) -> bool {
    match value {
        Value::Array(values) => values.iter().all(|value| write(form, &format!("{name}[]"), value)),
        Value::String(text) => form.field(name, text),
        value => form.field(name, &value.to_string()),
    }
}

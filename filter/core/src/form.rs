//! `multipart/form-data`, as a form comes and as it goes. <https://www.rfc-editor.org/rfc/rfc7578>
//!
//! The body is whole in memory: a part is a range of it, and no file is copied before it is sent on. Written here, as the
//! well-kept crates (`multer`) are asynchronous and bring futures, HTTP and encodings into the module for what memchr finds.

mod head;
mod writer;

use memchr::memmem;
use serde_json::{Map, Value};
use std::ops::Range;
pub use writer::Writer;

/// A form as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Form {
    /// What stands between its parts.
    pub boundary: String,
    /// In the order they came.
    pub parts: Vec<Part>,
}

/// A part of a form.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Part {
    /// The field's name.
    pub name: String,
    /// The file's name, where it is one.
    pub filename: Option<String>,
    /// The media type, where it is said.
    pub content_type: Option<String>,
    /// Where in the body its content stands.
    pub content: Range<usize>,
}

/// Why a body is no form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    /// The content type is another, or names no boundary.
    #[error("multipart/form-data with a boundary is needed")]
    NoBoundary,
    /// It ends before its end.
    #[error("the form is not complete")]
    Cut,
    /// A part's head cannot be read.
    #[error("a part of the form has no name")]
    Nameless,
    /// It has more parts than anybody fills in.
    #[error("the form has too many parts")]
    TooManyParts,
}

/// More than any API has fields.
const MOST_PARTS: usize = 256;

impl Form {
    /// Reads a body by its content type.
    pub fn read(content_type: &str, body: &[u8]) -> Result<Self, Malformed> {
        let boundary = head::boundary(content_type).ok_or(Malformed::NoBoundary)?;
        let delimiter = format!("\r\n--{boundary}");
        let finder = memmem::Finder::new(delimiter.as_bytes());
        // What stands before the first part is nobody's.
        let first = delimiter.as_bytes().get(2..).unwrap_or_default();
        let mut at = if body.starts_with(first) {
            first.len()
        } else {
            finder.find(body).ok_or(Malformed::Cut)? + delimiter.len()
        };
        let mut parts = Vec::new();
        loop {
            let rest = body.get(at..).ok_or(Malformed::Cut)?;
            if rest.starts_with(b"--") {
                return Ok(Self { boundary, parts });
            }
            if parts.len() == MOST_PARTS {
                return Err(Malformed::TooManyParts);
            }
            let start = at + line_end(rest).ok_or(Malformed::Cut)?;
            // The break before a delimiter belongs to it, and a head may be empty: both begin at the line's end.
            let end = next(&finder, body, start - 2, delimiter.len()).ok_or(Malformed::Cut)?;
            let (mut part, content) = head::part(body.get(start..end).unwrap_or_default())?;
            part.content = start + content..end.max(start + content);
            parts.push(part);
            at = end + delimiter.len();
        }
    }

    /// The first file under this name.
    pub fn file(&self, name: &str) -> Option<&Part> {
        self.parts.iter().find(|part| part.name == name && part.filename.is_some())
    }

    /// The fields that are no files, as the object that the same fields would be in JSON: of those that end in `[]` or
    /// come more than once, lists. `body` is what it was read from.
    pub fn settings(&self, body: &[u8]) -> Map<String, Value> {
        let mut settings = Map::new();
        for part in self.parts.iter().filter(|part| part.filename.is_none()) {
            let text = String::from_utf8_lossy(body.get(part.content.clone()).unwrap_or_default());
            let (name, listed) = match part.name.strip_suffix("[]") {
                Some(name) => (name, true),
                None => (part.name.as_str(), false),
            };
            let text = Value::from(text);
            match settings.get_mut(name) {
                Some(Value::Array(list)) => list.push(text),
                Some(one) => *one = Value::Array(vec![one.take(), text]),
                None if listed => drop(settings.insert(name.to_owned(), Value::Array(vec![text]))),
                None => drop(settings.insert(name.to_owned(), text)),
            }
        }
        settings
    }
}

/// Behind a delimiter, where its line ends: spaces may follow it and nothing else.
fn line_end(rest: &[u8]) -> Option<usize> {
    let spaces = rest.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
    rest.get(spaces..)?.starts_with(b"\r\n").then_some(spaces + 2)
}

/// The next delimiter at or behind a place: not what merely begins like one.
fn next(finder: &memmem::Finder, body: &[u8], from: usize, length: usize) -> Option<usize> {
    let mut from = from;
    loop {
        let at = from + finder.find(body.get(from..)?)?;
        let rest = body.get(at + length..)?;
        if rest.starts_with(b"--") || line_end(rest).is_some() {
            return Some(at);
        }
        from = at + 1;
    }
}

#[cfg(test)]
mod tests;

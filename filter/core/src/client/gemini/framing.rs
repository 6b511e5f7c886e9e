//! How a stream's responses are written: as server-sent events, or as the items of one JSON array.

use crate::{call::Call, error::Error, operation::Api};
use serde_json::Value;

/// Writes them.
#[derive(Debug)]
pub struct Framing {
    array: bool,
    begun: bool,
}

impl Framing {
    /// As this call wants it.
    pub fn of(call: &Call) -> Self {
        Self { array: call.as_array, begun: false }
    }

    /// One response.
    pub fn write(&mut self, response: &Value, out: &mut Vec<u8>) {
        self.write_text(&response.to_string(), out);
    }

    /// One response, as JSON in one line.
    pub fn write_text(&mut self, response: &str, out: &mut Vec<u8>) {
        let begun = std::mem::replace(&mut self.begun, true);
        let (before, after) = match (self.array, begun) {
            (true, true) => (",\r\n", ""),
            (true, false) => ("[", ""),
            (false, _) => ("data: ", "\r\n\r\n"),
        };
        for text in [before, response, after] {
            out.extend_from_slice(text.as_bytes());
        }
    }

    /// There are no more.
    pub fn end(&mut self, out: &mut Vec<u8>) {
        if self.array {
            out.extend_from_slice(if self.begun { b"]" } else { b"[]" });
        }
    }

    /// It is broken off.
    pub fn fail(&mut self, error: &Error, out: &mut Vec<u8>) {
        if self.array {
            self.write_text(&String::from_utf8_lossy(&error.body(Api::Gemini)), out);
            self.end(out);
        } else {
            out.extend(error.event(Api::Gemini));
        }
    }
}

/// What a client of any dialect is told last where its stream is broken off by others.
pub fn last_words(error: &Error, call: &Call) -> Vec<u8> {
    if !call.as_array {
        return error.event(call.api());
    }
    let mut out = Vec::new();
    Framing { array: true, begun: true }.fail(error, &mut out);
    out
}

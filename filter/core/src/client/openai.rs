//! Clients of `OpenAI`'s API: the internal form is already theirs. <https://platform.openai.com/docs/api-reference/chat>

use super::{Dialect, Encoder};
use crate::{error::Error, wire::Target};
use serde_json::{Map, Value};

/// The dialect.
pub struct This;

impl Dialect for This {
    fn request(&self, target: &Target) -> Result<Map<String, Value>, Error> {
        serde_json::from_slice(&target.call.body)
            .map_err(|e| Error::invalid(format!("Invalid JSON payload: {e}")))
    }

    fn answer(&self, chat: Value, _target: &Target) -> Result<Value, Error> {
        Ok(chat)
    }

    fn encoder(&self, target: &Target) -> Box<dyn Encoder> {
        Box::new(Events { usage: target.call.include_usage })
    }
}

struct Events {
    /// The client asked for the usage chunk.
    usage: bool,
}

impl Encoder for Events {
    fn push(&mut self, chunk: Value, out: &mut Vec<u8>) -> Result<(), Error> {
        if self.usage || chunk.get("usage").is_none() {
            write_chunk(&chunk, out);
        }
        Ok(())
    }

    fn end(&mut self, out: &mut Vec<u8>) {
        out.extend_from_slice(DONE);
    }
}

/// The event that ends every stream that came to its end.
pub const DONE: &[u8] = b"data: [DONE]\n\n";

/// Appends a chunk as an event.
pub fn write_chunk(chunk: &Value, out: &mut Vec<u8>) {
    out.extend_from_slice(b"data: ");
    // Writing JSON to memory cannot fail.
    let _ = serde_json::to_writer(&mut *out, chunk);
    out.extend_from_slice(b"\n\n");
}

//! The events of a streamed response, as they are written.
//! <https://platform.openai.com/docs/api-reference/responses-streaming>

use serde_json::{Map, Value};

/// Writes events, and counts them: each has its number.
#[derive(Debug, Default)]
pub struct Writer {
    next: u64,
}

impl Writer {
    /// One event of this kind, with these fields.
    pub fn write<const N: usize>(&mut self, kind: &str, fields: [(&str, Value); N], out: &mut Vec<u8>) {
        let mut event = Map::with_capacity(N + 2);
        event.insert("type".into(), kind.into());
        event.extend(fields.map(|(name, value)| (name.to_owned(), value)));
        event.insert("sequence_number".into(), self.next.into());
        self.next = self.next.saturating_add(1);
        out.extend_from_slice(b"event: ");
        out.extend_from_slice(kind.as_bytes());
        out.extend_from_slice(b"\ndata: ");
        // Writing JSON to memory cannot fail.
        let _ = serde_json::to_writer(&mut *out, &event);
        out.extend_from_slice(b"\n\n");
    }
}

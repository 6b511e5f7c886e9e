//! Server-sent events, cut out of a byte stream. <https://html.spec.whatwg.org/multipage/server-sent-events.html>

/// One event: its name (empty when unnamed) and its data, lines joined by `\n`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Event {
    /// The `event:` field.
    pub name: String,
    /// The `data:` fields.
    pub data: String,
}

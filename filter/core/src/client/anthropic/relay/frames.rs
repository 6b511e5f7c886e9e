//! Server-sent events as the bytes they are, blank line included.
//! <https://html.spec.whatwg.org/multipage/server-sent-events.html>

use memchr::memchr2;
use std::borrow::Cow;

/// The largest event that is waited for, in bytes.
const LARGEST: usize = 16 * 1024 * 1024;
/// What is kept of a large event's buffer once the event has gone.
const KEPT: usize = 64 * 1024;

/// Cuts a byte stream after every blank line. All its bytes come out again, in order.
#[derive(Debug)]
pub(super) struct Frames {
    held: Vec<u8>,
    /// The line that has begun is empty so far.
    blank: bool,
    /// The last byte was a carriage return: a line feed now belongs to it.
    returned: bool,
}

impl Default for Frames {
    fn default() -> Self {
        Self { held: Vec::new(), blank: true, returned: false }
    }
}

impl Frames {
    /// The stream's next bytes; `emit` gets each event that is whole. False when an event is too large.
    pub(super) fn push(&mut self, bytes: &[u8], mut emit: impl FnMut(&[u8])) -> bool {
        let mut begun = 0;
        let mut at = 0;
        if std::mem::take(&mut self.returned) && bytes.first() == Some(&b'\n') {
            at = 1;
            if self.held.is_empty() {
                emit(b"\n");
                begun = 1;
            }
        }
        while let Some(rest) = bytes.get(at..).filter(|rest| !rest.is_empty()) {
            let Some(length) = memchr2(b'\n', b'\r', rest) else {
                self.blank = false;
                break;
            };
            let ending = rest.get(length..).unwrap_or_default();
            let end = if ending.starts_with(b"\r\n") { 2 } else { 1 };
            self.returned = ending == b"\r";
            at = at.saturating_add(length).saturating_add(end);
            let was_blank = std::mem::replace(&mut self.blank, true);
            if was_blank && length == 0 {
                self.emit(bytes.get(begun..at).unwrap_or_default(), &mut emit);
                begun = at;
            }
        }
        let rest = bytes.get(begun..).unwrap_or_default();
        if self.held.len().saturating_add(rest.len()) > LARGEST {
            self.held = Vec::new();
            return false;
        }
        self.held.extend_from_slice(rest);
        true
    }

    fn emit(&mut self, end: &[u8], emit: &mut impl FnMut(&[u8])) {
        if self.held.is_empty() {
            return emit(end);
        }
        self.held.extend_from_slice(end);
        emit(&self.held);
        self.held.clear();
        self.held.shrink_to(KEPT);
    }

    /// The event that was not finished.
    pub(super) fn rest(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.held)
    }
}

/// The `event:` of an event; empty where it has none.
pub(super) fn event_name(frame: &[u8]) -> &[u8] {
    lines(frame).find_map(|(line, _)| field(line, b"event:")).unwrap_or_default()
}

/// The `data:` of an event; several lines are joined.
pub(super) fn data(frame: &[u8]) -> Cow<'_, [u8]> {
    let mut parts = lines(frame).filter_map(|(line, _)| field(line, b"data:"));
    let first = parts.next().unwrap_or_default();
    let mut joined = Cow::Borrowed(first);
    for part in parts {
        let joined = joined.to_mut();
        joined.push(b'\n');
        joined.extend_from_slice(part);
    }
    joined
}

/// Whether there is anything of an event in it, if only a comment or a blank line.
pub(super) fn is_event(frame: &[u8]) -> bool {
    const FIELDS: [&[u8]; 5] = [b"data", b"event", b"id", b"retry", b":"];
    let first = lines(frame).next().map(|(line, _)| line).unwrap_or_default();
    first.is_empty() || lines(frame).any(|(line, _)| FIELDS.iter().any(|field| line.starts_with(field)))
}

fn field<'a>(line: &'a [u8], name: &[u8]) -> Option<&'a [u8]> {
    let value = line.strip_prefix(name)?;
    Some(value.strip_prefix(b" ").unwrap_or(value))
}

/// The lines, each with what ended it.
pub(super) fn lines(mut frame: &[u8]) -> impl Iterator<Item = (&[u8], &[u8])> {
    std::iter::from_fn(move || {
        if frame.is_empty() {
            return None;
        }
        let length = memchr2(b'\n', b'\r', frame).unwrap_or(frame.len());
        let (line, rest) = frame.split_at_checked(length)?;
        let end = if rest.starts_with(b"\r\n") { 2 } else { rest.len().min(1) };
        let (ending, next) = rest.split_at_checked(end)?;
        frame = next;
        Some((line, ending))
    })
}

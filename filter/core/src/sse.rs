//! Server-sent events, cut out of a byte stream. <https://html.spec.whatwg.org/multipage/server-sent-events.html>

use std::mem;

/// The most one event may hold, in bytes; a longer one ends the stream.
pub const LIMIT: usize = 8 << 20;

/// One event: its name (empty when unnamed) and its data, lines joined by `\n`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Event {
    /// The `event:` field.
    pub name: String,
    /// The `data:` fields.
    pub data: String,
    /// The framing itself says that this is an error. Server-sent events have no way to; AWS's event stream has.
    pub failed: bool,
}

impl Event {
    /// Appends this event as it goes over the wire.
    pub fn write(&self, out: &mut Vec<u8>) {
        if !self.name.is_empty() {
            out.extend_from_slice(b"event: ");
            out.extend_from_slice(self.name.as_bytes());
            out.push(b'\n');
        }
        for line in self.data.split('\n') {
            out.extend_from_slice(b"data: ");
            out.extend_from_slice(line.as_bytes());
            out.push(b'\n');
        }
        out.push(b'\n');
    }
}

/// An event was longer than [`LIMIT`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("The upstream sent an event of more than {LIMIT} bytes")]
pub struct TooLong;

/// Cuts bytes, split anywhere, into events. Keeps only the event that is not finished.
#[derive(Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "four independent facts about the bytes so far")]
pub struct Splitter {
    /// The start of a line whose end has not come yet.
    line: Vec<u8>,
    event: Event,
    /// `event` has data, if only an empty line of it.
    filled: bool,
    /// `event` has been handed out: the next one starts afresh.
    spent: bool,
    /// The last byte was a CR: a LF right after it belongs to the same line end.
    after_cr: bool,
    /// A first line has been read: no byte-order mark can follow.
    begun: bool,
}

impl Splitter {
    /// Takes bytes off the front of `input` up to the end of the next event. `None`: all taken, no event finished.
    pub fn next(&mut self, input: &mut &[u8]) -> Result<Option<&Event>, TooLong> {
        self.renew();
        while !input.is_empty() {
            if mem::take(&mut self.after_cr)
                && let Some(rest) = input.strip_prefix(b"\n")
            {
                *input = rest;
                continue;
            }
            let Some(end) = memchr::memchr2(b'\n', b'\r', input) else {
                self.line.extend_from_slice(input);
                *input = &[];
                break;
            };
            let (head, tail) = input.split_at(end);
            self.after_cr = tail.first() == Some(&b'\r');
            *input = tail.get(1..).unwrap_or_default();
            if self.end_line(head)? {
                return Ok(Some(&self.event));
            }
        }
        if self.line.len() + self.event.data.len() > LIMIT { Err(TooLong) } else { Ok(None) }
    }

    /// The stream has ended: the event that lacks only its closing blank line, if there is one.
    pub fn end(&mut self) -> Option<&Event> {
        self.renew();
        let whole = self.end_line(b"").unwrap_or(false) || self.filled;
        self.spent = true;
        whole.then_some(&self.event)
    }

    fn renew(&mut self) {
        if mem::take(&mut self.spent) {
            self.event.name.clear();
            self.event.data.clear();
            self.filled = false;
        }
    }

    /// A line is whole: `tail`, after what was kept of it. True when it ended an event.
    fn end_line(&mut self, tail: &[u8]) -> Result<bool, TooLong> {
        if self.line.is_empty() {
            return self.take_line(tail);
        }
        let mut line = mem::take(&mut self.line);
        line.extend_from_slice(tail);
        let ended = self.take_line(&line);
        line.clear();
        self.line = line; // its memory serves the next one
        ended
    }

    fn take_line(&mut self, mut line: &[u8]) -> Result<bool, TooLong> {
        if !mem::replace(&mut self.begun, true) {
            line = line.strip_prefix("\u{feff}".as_bytes()).unwrap_or(line);
        }
        if line.is_empty() {
            self.spent = true;
            return if self.filled {
                Ok(true)
            } else {
                self.renew();
                Ok(false)
            };
        }
        let (field, value) = match memchr::memchr(b':', line) {
            None => (line, &b""[..]),
            Some(colon) => {
                let (field, value) = line.split_at(colon);
                let value = value.get(1..).unwrap_or_default();
                (field, value.strip_prefix(b" ").unwrap_or(value))
            }
        };
        match field {
            b"data" => {
                if mem::replace(&mut self.filled, true) {
                    self.event.data.push('\n');
                }
                append(&mut self.event.data, value);
            }
            b"event" => {
                self.event.name.clear();
                append(&mut self.event.name, value);
            }
            _ => {} // comments, `id`, `retry`: nothing here acts on them
        }
        if self.event.data.len() + self.event.name.len() > LIMIT { Err(TooLong) } else { Ok(false) }
    }
}

fn append(text: &mut String, bytes: &[u8]) {
    match std::str::from_utf8(bytes) {
        Ok(valid) => text.push_str(valid),
        Err(_) => text.push_str(&String::from_utf8_lossy(bytes)),
    }
}

#[cfg(test)]
mod tests;

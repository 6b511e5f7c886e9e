//! AWS's event stream, cut out of a byte stream: binary frames with headers and two checksums.
//! <https://smithy.io/2.0/aws/amazon-eventstream.html>
//!
//! ```text
//! total length  headers length  CRC of the 8 bytes  headers …  payload …  CRC of all before
//!     u32            u32               u32                                      u32
//! ```

mod parts;

use crate::sse::{Event, LIMIT};
pub use parts::Parts;
use std::mem;

/// Bytes before the headers.
const PRELUDE: usize = 12;
/// Bytes of a checksum.
const CRC: usize = 4;

/// Bytes that are no event stream, or one that was cut off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Broken {
    /// A checksum is not that of the bytes.
    #[error("The upstream's event stream is damaged: a checksum is wrong")]
    Checksum,
    /// A length or a type is impossible.
    #[error("The upstream's event stream is damaged: a frame has no valid form")]
    Form,
    /// A frame is longer than [`LIMIT`].
    #[error("The upstream sent an event of more than {LIMIT} bytes")]
    TooLong,
    /// The stream ended inside a frame.
    #[error("The upstream's event stream ended inside an event")]
    Cut,
}

/// Cuts bytes, split anywhere, into events. Keeps only the frame that is not finished.
#[derive(Debug, Default)]
pub struct Splitter {
    frame: Vec<u8>,
    event: Event,
    /// `frame` has been handed out: the next one starts afresh.
    spent: bool,
}

impl Splitter {
    /// Takes bytes off the front of `input` up to the end of the next frame. `None`: all taken, no frame finished.
    pub fn next(&mut self, input: &mut &[u8]) -> Result<Option<&Event>, Broken> {
        if mem::take(&mut self.spent) {
            self.frame.clear();
        }
        if !self.fill(input, PRELUDE) {
            return Ok(None);
        }
        let prelude = Prelude::read(&self.frame)?;
        if !self.fill(input, prelude.total) {
            return Ok(None);
        }
        prelude.event(&self.frame, &mut self.event)?;
        self.spent = true;
        Ok(Some(&self.event))
    }

    /// The bytes that the last frame carried.
    fn payload(&self) -> Result<&[u8], Broken> {
        Prelude::read(&self.frame)?.payload(&self.frame)
    }

    /// The stream has ended: an error if inside a frame.
    pub fn end(&self) -> Result<(), Broken> {
        if self.frame.is_empty() || self.spent { Ok(()) } else { Err(Broken::Cut) }
    }

    /// Whether the frame has the length wanted, after taking what is missing.
    fn fill(&mut self, input: &mut &[u8], wanted: usize) -> bool {
        let missing = wanted.saturating_sub(self.frame.len()).min(input.len());
        let (head, tail) = input.split_at(missing);
        self.frame.extend_from_slice(head);
        *input = tail;
        self.frame.len() >= wanted
    }
}

/// The lengths of a frame and its headers, in bytes.
struct Prelude {
    total: usize,
    headers: usize,
}

impl Prelude {
    fn read(frame: &[u8]) -> Result<Self, Broken> {
        let mut bytes = Bytes(frame);
        let (total, headers) = (bytes.length()?, bytes.length()?);
        check(frame, PRELUDE - CRC)?;
        if total > LIMIT {
            return Err(Broken::TooLong);
        }
        let whole = headers.checked_add(PRELUDE + CRC).is_some_and(|least| least <= total);
        if whole { Ok(Self { total, headers }) } else { Err(Broken::Form) }
    }

    /// What a whole frame carries.
    fn payload<'a>(&self, frame: &'a [u8]) -> Result<&'a [u8], Broken> {
        frame.get(PRELUDE + self.headers..self.total - CRC).ok_or(Broken::Form)
    }

    /// Reads a whole frame. The event has the name of its type, be it an event's, an exception's or an error's.
    fn event(&self, frame: &[u8], event: &mut Event) -> Result<(), Broken> {
        check(frame, self.total - CRC)?;
        let headers = frame.get(PRELUDE..PRELUDE + self.headers).ok_or(Broken::Form)?;
        let payload = self.payload(frame)?;
        let mut headers = Bytes(headers);
        event.name.clear();
        event.data.clear();
        event.failed = false;
        let mut message = None;
        while !headers.0.is_empty() {
            match headers.header()? {
                (b":message-type", Some(kind)) => event.failed = kind != b"event",
                (b":event-type" | b":exception-type" | b":error-code", Some(name)) => {
                    event.name.push_str(&String::from_utf8_lossy(name));
                }
                (b":error-message", text) => message = text,
                _ => {}
            }
        }
        event.data.push_str(&String::from_utf8_lossy(if payload.is_empty() {
            message.unwrap_or_default()
        } else {
            payload
        }));
        Ok(())
    }
}

/// The checksum behind the first `length` bytes is theirs.
fn check(frame: &[u8], length: usize) -> Result<(), Broken> {
    let (sum, rest) = frame.split_at_checked(length).ok_or(Broken::Form)?;
    let said = rest.first_chunk().map(|said| u32::from_be_bytes(*said));
    if said == Some(crc32fast::hash(sum)) { Ok(()) } else { Err(Broken::Checksum) }
}

/// What is left to read.
struct Bytes<'a>(&'a [u8]);

impl<'a> Bytes<'a> {
    fn take(&mut self, length: usize) -> Result<&'a [u8], Broken> {
        let (head, tail) = self.0.split_at_checked(length).ok_or(Broken::Form)?;
        self.0 = tail;
        Ok(head)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Broken> {
        self.take(N)?.first_chunk().copied().ok_or(Broken::Form)
    }

    /// A length of four bytes.
    fn length(&mut self) -> Result<usize, Broken> {
        usize::try_from(u32::from_be_bytes(self.array()?)).map_err(|_| Broken::TooLong)
    }

    /// A header: its name, and its value where that is a text.
    fn header(&mut self) -> Result<(&'a [u8], Option<&'a [u8]>), Broken> {
        let [length] = self.array()?;
        let name = self.take(length.into())?;
        let [kind] = self.array()?;
        let fixed = match kind {
            0 | 1 => 0, // true, false
            2 => 1,     // byte
            3 => 2,     // short
            4 => 4,     // integer
            5 | 8 => 8, // long, timestamp
            9 => 16,    // UUID
            6 | 7 => {
                // bytes, text
                let length = u16::from_be_bytes(self.array()?);
                return Ok((name, Some(self.take(length.into())?)));
            }
            _ => return Err(Broken::Form),
        };
        self.take(fixed)?;
        Ok((name, None))
    }
}

#[cfg(test)]
mod tests;

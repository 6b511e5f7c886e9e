//! JSON, an event on each line, cut out of a byte stream (NDJSON). A line of server-sent events is understood too: some
//! servers send one framing under the other's name. <https://github.com/ndjson/ndjson-spec>

use crate::sse::{Event, LIMIT, TooLong};
use std::mem;

/// Cuts bytes, split anywhere, into events. Keeps only the line that is not finished.
#[derive(Debug, Default)]
pub struct Splitter {
    /// The start of a line whose end has not come yet.
    line: Vec<u8>,
    /// Its memory is kept.
    event: Event,
}

impl Splitter {
    /// Takes bytes off the front of `input` up to the end of the next event. `None`: all taken, no event finished.
    pub fn next(&mut self, input: &mut &[u8]) -> Result<Option<&Event>, TooLong> {
        while let Some(end) = memchr::memchr(b'\n', input) {
            let (head, tail) = input.split_at(end);
            *input = tail.get(1..).unwrap_or_default();
            if self.end_line(head)? {
                return Ok(Some(&self.event));
            }
        }
        self.line.extend_from_slice(input);
        *input = &[];
        if self.line.len() > LIMIT { Err(TooLong) } else { Ok(None) }
    }

    /// The stream has ended: the line that lacks only its end, if there is one.
    pub fn end(&mut self) -> Result<Option<&Event>, TooLong> {
        Ok(if self.end_line(b"")? { Some(&self.event) } else { None })
    }

    /// A line is whole: `tail`, after what was kept of it. True when it is an event.
    fn end_line(&mut self, tail: &[u8]) -> Result<bool, TooLong> {
        if self.line.len() + tail.len() > LIMIT {
            return Err(TooLong);
        }
        if self.line.is_empty() {
            return Ok(self.take_line(tail));
        }
        let mut line = mem::take(&mut self.line);
        line.extend_from_slice(tail);
        let is_event = self.take_line(&line);
        line.clear();
        self.line = line; // its memory serves the next one
        Ok(is_event)
    }

    fn take_line(&mut self, line: &[u8]) -> bool {
        let line = line.trim_ascii();
        let json = line.strip_prefix(b"data:").unwrap_or(line).trim_ascii_start();
        self.event.data.clear();
        self.event.data.push_str(&String::from_utf8_lossy(json));
        json.starts_with(b"{")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn events<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> Vec<String> {
        let (mut splitter, mut out) = (Splitter::default(), Vec::new());
        for mut piece in pieces {
            while let Some(event) = splitter.next(&mut piece).unwrap() {
                out.push(event.data.clone());
            }
        }
        out.extend(splitter.end().unwrap().map(|event| event.data.clone()));
        out
    }

    #[test]
    fn a_line_is_an_event_whatever_its_end() {
        assert_eq!(events([&b"{\"a\":1}\r\n\n{\"b\":2}"[..]]), ["{\"a\":1}", "{\"b\":2}"]);
        assert_eq!(events([&b"\n \n"[..]]), Vec::<String>::new());
    }

    #[test]
    fn of_server_sent_events_the_data_is_read() {
        assert_eq!(events([&b": hi\nevent: x\ndata: {\"a\":1}\n\ndata: [DONE]\n\n"[..]]), ["{\"a\":1}"]);
    }

    #[test]
    fn a_line_without_end_is_refused() {
        let long = vec![b'x'; LIMIT + 1];
        assert_eq!(Splitter::default().next(&mut &long[..]), Err(TooLong));
        let mut splitter = Splitter::default();
        assert_eq!(splitter.next(&mut &long[1..]), Ok(None));
        assert_eq!(splitter.next(&mut &b"x\n"[..]), Err(TooLong));
    }

    proptest! {
        #[test]
        fn any_split_gives_the_same_events(
            lines in prop::collection::vec("(data: ?)?\\{[a-zé\"\\\\:,{} ]{0,12}\\}?|event: x||[a-z]{0,6}", 0..8),
            end in prop::sample::select(vec!["\n", "\r\n"]),
            cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..6),
        ) {
            let text = lines.join(end);
            let bytes = text.as_bytes();
            let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut.index(bytes.len() + 1)).collect();
            cuts.extend([0, bytes.len()]);
            cuts.sort_unstable();
            let pieces = cuts.windows(2).map(|pair| &bytes[pair[0]..pair[1]]);
            prop_assert_eq!(events(pieces), events([bytes]));
        }
    }
}

//! A list of headers.

use std::fmt::{self, Display, Write};

/// Names, lower case, and values, in order: all in one piece of memory, as there are many of them in each exchange.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Headers {
    text: String,
    /// Where in `text` each name and its value end.
    ends: Vec<(usize, usize)>,
}

impl Headers {
    /// An empty list with room for so many headers of usual length.
    pub fn with_capacity(count: usize) -> Self {
        Self { text: String::with_capacity(count * 48), ends: Vec::with_capacity(count) }
    }

    /// Adds a header, beside others of the same name.
    pub fn push(&mut self, name: &str, value: impl Display) {
        self.push_joined(["", name], value);
    }

    /// Adds a header with a name in two parts.
    pub fn push_joined(&mut self, name: [&str; 2], value: impl Display) {
        self.text.extend(name);
        let name = self.text.len();
        // Writing to memory cannot fail.
        let _ = write!(self.text, "{value}");
        self.ends.push((name, self.text.len()));
    }

    /// Adds a header with the value of the one before.
    pub fn push_again(&mut self, name: [&str; 2]) {
        let Some(&(from, to)) = self.ends.last() else { return };
        self.text.extend(name);
        let name = self.text.len();
        self.text.extend_from_within(from..to);
        self.ends.push((name, self.text.len()));
    }

    /// The first value under a name.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.iter().find(|(known, _)| *known == name).map(|(_, value)| value)
    }

    /// Names and values.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        let mut start = 0;
        self.ends.iter().map(move |&(name, value)| {
            let from = std::mem::replace(&mut start, value);
            (self.text.get(from..name).unwrap_or_default(), self.text.get(name..value).unwrap_or_default())
        })
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// There is none.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// From a host's map: the number of headers, the lengths of each name and value (all 32 bits, little-endian), then
    /// each name and value with a zero behind it. What is not UTF-8 is replaced, what is cut off is left out.
    /// <https://github.com/proxy-wasm/spec/tree/main/abi-versions/v0.2.1#serialized-map>
    pub fn decode(map: &[u8]) -> Self {
        let number = |at: usize| {
            let bytes = map.get(at..at.saturating_add(4)).and_then(|bytes| bytes.try_into().ok());
            bytes.map_or(0, |bytes| u32::from_le_bytes(bytes) as usize)
        };
        let count = number(0).min(map.len() / 10);
        let mut headers = Self { text: String::with_capacity(map.len()), ends: Vec::with_capacity(count) };
        let mut at = 4 + 8 * count;
        let mut next = |length: usize| {
            let text = map.get(at..at.saturating_add(length)).unwrap_or_default();
            at = at.saturating_add(length).saturating_add(1);
            String::from_utf8_lossy(text)
        };
        for index in 0..count {
            headers.text.push_str(&next(number(4 + 8 * index)));
            let name = headers.text.len();
            headers.text.push_str(&next(number(8 + 8 * index)));
            headers.ends.push((name, headers.text.len()));
        }
        headers
    }

    /// The other way round.
    pub fn encode(&self) -> Vec<u8> {
        let mut map = Vec::with_capacity(4 + 10 * self.len() + self.text.len());
        let number = |n: usize| u32::try_from(n).unwrap_or_default().to_le_bytes();
        map.extend(number(self.len()));
        for (name, value) in self.iter() {
            map.extend(number(name.len()));
            map.extend(number(value.len()));
        }
        for (name, value) in self.iter() {
            map.extend_from_slice(name.as_bytes());
            map.push(0);
            map.extend_from_slice(value.as_bytes());
            map.push(0);
        }
        map
    }
}

impl<N: AsRef<str>, V: Display> FromIterator<(N, V)> for Headers {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(headers: I) -> Self {
        let mut list = Self::default();
        list.extend(headers);
        list
    }
}

impl<N: AsRef<str>, V: Display> Extend<(N, V)> for Headers {
    fn extend<I: IntoIterator<Item = (N, V)>>(&mut self, headers: I) {
        headers.into_iter().for_each(|(name, value)| self.push(name.as_ref(), value));
    }
}

impl fmt::Debug for Headers {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn headers_keep_their_order_and_the_first_of_a_name_is_found() {
        let headers: Headers = [("a", "1"), ("b", ""), ("a", "2")].into_iter().collect();
        assert_eq!(headers.iter().collect::<Vec<_>>(), [("a", "1"), ("b", ""), ("a", "2")]);
        assert_eq!((headers.get("a"), headers.get("b"), headers.get("c")), (Some("1"), Some(""), None));
    }

    #[test]
    fn bytes_that_are_not_utf_8_are_replaced() {
        let mut map = [("a", "12"), ("b", "3")].into_iter().collect::<Headers>().encode();
        let at = map.iter().position(|byte| *byte == b'1').unwrap();
        map[at] = 0xff;
        assert_eq!(Headers::decode(&map).iter().collect::<Vec<_>>(), [("a", "\u{fffd}2"), ("b", "3")]);
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(headers in prop::collection::vec(("[a-z:-]{0,9}", ".{0,9}"), 0..9)) {
            let headers: Headers = headers.into_iter().collect();
            prop_assert_eq!(Headers::decode(&headers.encode()), headers);
        }

        #[test]
        fn anything_can_be_read(map in prop::collection::vec(any::<u8>(), 0..99)) {
            let headers = Headers::decode(&map);
            prop_assert!(headers.len() <= map.len());
        }
    }
}

//! Answers that come compressed although nobody asked for it. <https://www.rfc-editor.org/rfc/rfc9110#section-8.4>

use crate::error::Error;
use flate2::write::{GzDecoder, ZlibDecoder};
use std::{
    borrow::Cow,
    fmt::Display,
    io::{self, Write},
};

/// The most that an answer may turn into, in bytes.
const LARGEST: usize = 256 << 20;
/// So much is taken in at once: what comes of it is known before more is taken.
const STEP: usize = 16 << 10;

/// An answer's bytes on their way to what they mean.
pub enum Compression {
    /// As they are.
    None,
    /// `gzip`, with what has come of it so far in bytes.
    Gzip(Box<GzDecoder<Vec<u8>>>, usize),
    /// `deflate`, in zlib's frame.
    Deflate(Box<ZlibDecoder<Vec<u8>>>, usize),
}

impl Compression {
    /// By the answer's `content-encoding`; an `Err` for one that is not known here.
    pub fn of(encoding: Option<&str>) -> Result<Self, Error> {
        match encoding.map(str::trim).unwrap_or_default() {
            "" | "identity" => Ok(Self::None),
            "gzip" | "x-gzip" => Ok(Self::Gzip(Box::new(GzDecoder::new(Vec::new())), 0)),
            "deflate" => Ok(Self::Deflate(Box::new(ZlibDecoder::new(Vec::new())), 0)),
            other => Err(unreadable(&format_args!("it is compressed as {other}"))),
        }
    }

    /// What the next bytes mean.
    pub fn push<'a>(&mut self, bytes: &'a [u8]) -> Result<Cow<'a, [u8]>, Error> {
        match self {
            Self::None => Ok(bytes.into()),
            Self::Gzip(decoder, size) => {
                expand(bytes, decoder, size, |decoder| std::mem::take(decoder.get_mut()))
            }
            Self::Deflate(decoder, size) => {
                expand(bytes, decoder, size, |decoder| std::mem::take(decoder.get_mut()))
            }
        }
    }
}

fn expand<D: Write>(
    bytes: &[u8],
    decoder: &mut D,
    size: &mut usize,
    mut take: impl FnMut(&mut D) -> Vec<u8>,
) -> Result<Cow<'static, [u8]>, Error> {
    let mut out = Vec::new();
    for step in bytes.chunks(STEP) {
        written(decoder, step).map_err(|e| unreadable(&e))?;
        let more = take(decoder);
        *size = size.saturating_add(more.len());
        if *size > LARGEST {
            return Err(unreadable(&"it is too large"));
        }
        out.extend(more);
    }
    Ok(out.into())
}

/// Behind the end of the compressed bytes there may be padding, which says nothing.
fn written(decoder: &mut impl Write, mut bytes: &[u8]) -> io::Result<()> {
    while !bytes.is_empty() {
        match decoder.write(bytes)? {
            0 => break,
            taken => bytes = bytes.get(taken..).unwrap_or_default(),
        }
    }
    decoder.flush()
}

fn unreadable(why: &dyn Display) -> Error {
    Error::new(502, "upstream_error", format!("The provider's answer cannot be read: {why}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::{
        Compression as Level,
        write::{GzEncoder, ZlibEncoder},
    };
    use proptest::prelude::*;

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Level::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn deflate(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = ZlibEncoder::new(Vec::new(), Level::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    proptest! {
        #[test]
        fn any_split_gives_the_same_bytes(bytes: Vec<u8>, size in 1..64usize) {
            for (name, packed) in [("gzip", gzip(&bytes)), ("deflate", deflate(&bytes)), ("identity", bytes.clone())] {
                let mut compression = Compression::of(Some(name)).unwrap();
                let parts = packed.chunks(size).map(|part| compression.push(part).unwrap().into_owned());
                prop_assert_eq!(parts.collect::<Vec<_>>().concat(), bytes.clone());
            }
        }

        #[test]
        fn no_bytes_panic(bytes: Vec<u8>) {
            for name in ["gzip", "deflate"] {
                let _ = Compression::of(Some(name)).unwrap().push(&bytes);
            }
        }
    }

    #[test]
    fn what_is_not_known_or_too_large_is_refused() {
        assert!(Compression::of(Some("br")).is_err());
        let bomb = gzip(&vec![0; LARGEST + 1]);
        assert!(Compression::of(Some("gzip")).unwrap().push(&bomb).is_err());
    }
}

//! What a file of sound tells of itself: its kind, and how long it plays.

/// The media type of a file, by its first bytes; what says nothing of itself is plain samples.
pub fn media_type(file: &[u8]) -> &'static str {
    const KINDS: [(&[u8], &str); 6] = [
        (b"RIFF", "audio/wav"),
        (b"ID3", "audio/mpeg"),
        (b"OggS", "audio/ogg"),
        (b"fLaC", "audio/flac"),
        (&[0xff, 0xf1], "audio/aac"),
        (&[0xff, 0xf9], "audio/aac"),
    ];
    let mpeg = matches!(file, [0xff, second, ..] if second & 0xe6 == 0xe2);
    let known = KINDS.iter().find(|(magic, _)| file.starts_with(magic)).map(|(_, kind)| *kind);
    known.or(mpeg.then_some("audio/mpeg")).unwrap_or("audio/pcm")
}

/// How long a file plays, in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Duration {
    /// It says so.
    Told(u64),
    /// From its size.
    Guessed(u64),
}

/// Bytes of a second of sound as people usually send it: MP3 of 128 kbit/s.
const USUAL_RATE: u64 = 16_000;

/// How long a file plays: a WAV says so, of others the size is all that is looked at.
pub fn duration(file: &[u8]) -> Duration {
    let guessed = || Duration::Guessed((file.len() as u64).saturating_mul(1000) / USUAL_RATE);
    wave_duration(file).map_or_else(guessed, Duration::Told)
}

/// <https://www.mmsp.ece.mcgill.ca/Documents/AudioFormats/WAVE/WAVE.html>
fn wave_duration(file: &[u8]) -> Option<u64> {
    let mut rest = file.strip_prefix(b"RIFF")?.get(4..)?.strip_prefix(b"WAVE")?;
    let mut rate = None;
    loop {
        let size = number(rest, 4)?;
        let content = rest.get(8..)?;
        match rest.get(..4)? {
            b"fmt " => rate = number(content, 8).filter(|rate| *rate > 0),
            b"data" => {
                // Whoever records without knowing the end writes a size that is too large.
                let size = u64::from(size).min(content.len() as u64);
                return Some(size.saturating_mul(1000) / u64::from(rate?));
            }
            _ => {}
        }
        let size = usize::try_from(size).ok()?;
        rest = content.get(size.checked_add(size % 2)?..)?;
    }
}

fn number(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(bytes.get(at..at.checked_add(4)?)?.try_into().ok()?))
}

/// Samples of 16 bits on one channel, as a WAV. `rate` is in Hz.
pub fn wave(samples: &[u8], rate: u32) -> Vec<u8> {
    let length = u32::try_from(samples.len()).unwrap_or(u32::MAX);
    let mut file = Vec::with_capacity(44 + samples.len());
    let mut put = |bytes: &[u8]| file.extend_from_slice(bytes);
    put(b"RIFF");
    put(&length.saturating_add(36).to_le_bytes());
    put(b"WAVEfmt ");
    put(&16_u32.to_le_bytes());
    put(&1_u16.to_le_bytes()); // samples as they are
    put(&1_u16.to_le_bytes()); // one channel
    put(&rate.to_le_bytes());
    put(&rate.saturating_mul(2).to_le_bytes());
    put(&2_u16.to_le_bytes());
    put(&16_u16.to_le_bytes());
    put(b"data");
    put(&length.to_le_bytes());
    put(samples);
    file
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn files_are_known_by_their_first_bytes() {
        assert_eq!(media_type(&wave(&[], 24_000)), "audio/wav");
        assert_eq!(media_type(b"ID3\x03"), "audio/mpeg");
        assert_eq!(media_type(&[0xff, 0xfb, 0x90]), "audio/mpeg");
        assert_eq!(media_type(&[0xff, 0xf1, 0x50]), "audio/aac");
        assert_eq!(media_type(b""), "audio/pcm");
    }

    #[test]
    fn a_second_of_sound_is_a_second() {
        assert_eq!(duration(&wave(&vec![0; 48_000], 24_000)), Duration::Told(1000));
        assert_eq!(duration(&vec![0; 16_000]), Duration::Guessed(1000));
        assert_eq!(duration(b"RIFF0000WAVEfmt "), Duration::Guessed(1));
    }

    proptest! {
        #[test]
        fn any_file_can_be_read(head in any::<bool>(), file in prop::collection::vec(any::<u8>(), 0..99)) {
            let head: &[u8] = if head { b"RIFF0000WAVE" } else { b"" };
            let file = [head, &file].concat();
            duration(&file);
            media_type(&file);
        }
    }
}

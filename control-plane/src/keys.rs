//! Virtual keys as text: how they are made, recognised and hashed.

use crate::secret::Secret;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};

/// Random bytes in a new key: 128 bits, as many as LiteLLM's.
const ENTROPY: usize = 16;
/// The longest key that can be chosen, in bytes.
pub const LONGEST: usize = 100;

/// A new key, `sk-` and 22 characters.
pub fn generate() -> Result<Secret, getrandom::Error> {
    let mut bytes = [0; ENTROPY];
    getrandom::fill(&mut bytes)?;
    Ok(Secret::new(format!("sk-{}", URL_SAFE_NO_PAD.encode(bytes))))
}

/// A new random identifier, 32 hexadecimal digits.
pub fn id() -> Result<String, getrandom::Error> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes)?;
    Ok(hex::encode(bytes))
}

/// Hexadecimal SHA-256: what is stored and looked up.
pub fn hash(key: &str) -> String {
    hex::encode(Sha256::digest(key))
}

/// The hash of what may be a key or already its hash, as admin endpoints take both.
pub fn hash_of(key_or_hash: &str) -> String {
    if key_or_hash.starts_with("sk-") { hash(key_or_hash) } else { key_or_hash.to_ascii_lowercase() }
}

/// `sk-...` and the last four characters, to recognise a key by.
pub fn name(key: &str) -> String {
    let chars: Vec<char> = key.chars().collect();
    // Of a short key four characters would be too much of it.
    let tail: String =
        if chars.len() < 16 { String::new() } else { chars.iter().skip(chars.len() - 4).collect() };
    format!("sk-...{tail}")
}

/// Whether a key chosen by an administrator can be one: LiteLLM's rule.
pub fn is_well_formed(key: &str) -> bool {
    key.len() <= LONGEST
        && key.strip_prefix("sk-").is_some_and(|rest| {
            !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_key_is_well_formed_and_new() {
        let (one, two) = (generate().unwrap(), generate().unwrap());
        assert!(is_well_formed(one.expose()) && one.expose().len() == 25);
        assert_ne!(one, two);
    }

    #[test]
    fn a_key_and_its_hash_mean_the_same_key() {
        let hash = hash("sk-1234");
        assert_eq!(hash_of("sk-1234"), hash);
        assert_eq!(hash_of(&hash.to_uppercase()), hash);
    }

    #[test]
    fn a_name_gives_nothing_of_a_short_key_away() {
        assert_eq!(name("sk-abcdefghijklmnop"), "sk-...mnop");
        assert_eq!(name("sk-1234"), "sk-...");
    }

    #[test]
    fn what_cannot_be_a_key_is_recognised() {
        let long = format!("sk-{}", "a".repeat(LONGEST));
        for key in ["", "sk-", "pk-1234", "sk-ä", "sk-a b", "sk-a\r\nb", long.as_str()] {
            assert!(!is_well_formed(key), "{key:?}");
        }
    }
}

//! Credentials at rest: XChaCha20-Poly1305 under a key derived from the master key.

use crate::secret::Secret;
use base64::{Engine, engine::general_purpose::STANDARD_NO_PAD};
use chacha20poly1305::{
    KeyInit, XChaCha20Poly1305, XNonce,
    aead::{Aead, Payload},
};
use hkdf::Hkdf;
use sha2::Sha256;

/// Separates this use of the master key from every other.
const DOMAIN: &[u8] = b"tianji/v1/credentials at rest";
/// Says how the rest of a sealed text is to be read.
const VERSION: &str = "v1:";
const NONCE: usize = 24;

/// Seals and opens credentials.
#[derive(Clone)]
pub struct Vault(XChaCha20Poly1305);

/// Why a sealed credential could not be used.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It was sealed under another master key, for another row, or it was changed since.
    #[error("the stored credential cannot be opened: it was sealed under another master key, or damaged")]
    Sealed,
    /// The system gave no randomness.
    #[error("no randomness from the system: {0}")]
    Random(getrandom::Error),
}

impl Vault {
    /// The vault of this master key.
    pub fn new(master: &Secret) -> Self {
        let mut key = [0; 32];
        // Infallible: 32 bytes are far below HKDF's limit.
        let _ = Hkdf::<Sha256>::new(None, master.expose().as_bytes()).expand(DOMAIN, &mut key);
        Self(XChaCha20Poly1305::new(&key.into()))
    }

    /// Seals `plain` for the row `owner`: moved to another row it does not open.
    pub fn seal(&self, owner: &str, plain: &str) -> Result<String, Error> {
        let mut nonce = [0; NONCE];
        getrandom::fill(&mut nonce).map_err(Error::Random)?;
        let payload = Payload { msg: plain.as_bytes(), aad: owner.as_bytes() };
        let sealed = self.0.encrypt(XNonce::from_slice(&nonce), payload).map_err(|_| Error::Sealed)?;
        Ok(format!("{VERSION}{}", STANDARD_NO_PAD.encode([&nonce[..], &sealed].concat())))
    }

    /// What `seal` was given.
    pub fn open(&self, owner: &str, sealed: &str) -> Result<Secret, Error> {
        let text = sealed.strip_prefix(VERSION).ok_or(Error::Sealed)?;
        let bytes = STANDARD_NO_PAD.decode(text).map_err(|_| Error::Sealed)?;
        let (nonce, sealed) = bytes.split_at_checked(NONCE).ok_or(Error::Sealed)?;
        let payload = Payload { msg: sealed, aad: owner.as_bytes() };
        let plain = self.0.decrypt(XNonce::from_slice(nonce), payload).map_err(|_| Error::Sealed)?;
        String::from_utf8(plain).map(Secret::new).map_err(|_| Error::Sealed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sealed_opens_for_its_owner_and_master_key_only() {
        let vault = Vault::new(&Secret::new("sk-master"));
        let sealed = vault.seal("row 1", "sk-provider").unwrap();
        assert!(!sealed.contains("provider"));
        assert_eq!(vault.open("row 1", &sealed).unwrap().expose(), "sk-provider");
        assert!(vault.open("row 2", &sealed).is_err());
        assert!(Vault::new(&Secret::new("sk-other")).open("row 1", &sealed).is_err());
        assert_ne!(sealed, vault.seal("row 1", "sk-provider").unwrap(), "every nonce is new");
    }

    #[test]
    fn damage_is_noticed() {
        let vault = Vault::new(&Secret::new("sk-master"));
        for text in ["", "v1:", "v1:AAAA", "v2:AAAA", "v1:****"] {
            assert!(vault.open("row", text).is_err(), "{text:?}");
        }
    }
}

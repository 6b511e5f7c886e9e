//! Signed statements (JWT, RFC 7519) under RSA keys: RS256.

use super::Error;
use crate::secret::Secret;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use ring::{rand::SystemRandom, rsa::KeyPair, signature::RSA_PKCS1_SHA256};
use rustls_pki_types::{PrivateKeyDer, pem::PemObject};
use serde_json::{Value, json};

/// A private key.
pub struct Key(KeyPair);

impl Key {
    /// From PEM, PKCS#8 or PKCS#1. Line ends may be written as `\n`, as they are in environment variables.
    pub fn from_pem(pem: &Secret) -> Result<Self, Error> {
        let bad = |reason: &str| Error::Setup(format!("the private key cannot be used: {reason}"));
        let text = pem.expose().replace("\\n", "\n");
        if text.contains("ENCRYPTED PRIVATE KEY") {
            return Err(bad("it is encrypted; give it without a passphrase"));
        }
        let der = PrivateKeyDer::from_pem_slice(text.as_bytes()).map_err(|_| bad("it is no PEM"))?;
        let pair = match &der {
            PrivateKeyDer::Pkcs8(key) => KeyPair::from_pkcs8(key.secret_pkcs8_der()),
            PrivateKeyDer::Pkcs1(key) => KeyPair::from_der(key.secret_pkcs1_der()),
            _ => return Err(bad("it is no RSA key")),
        };
        pair.map(Self).map_err(|error| bad(&error.to_string()))
    }

    /// The statement with its signature.
    pub fn sign(&self, key_id: Option<&str>, claims: &Value) -> Result<Secret, Error> {
        let mut header = json!({"alg": "RS256", "typ": "JWT"});
        if let (Some(id), Some(header)) = (key_id, header.as_object_mut()) {
            header.insert("kid".into(), id.into());
        }
        let encoded = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let message = format!("{}.{}", encoded(&header), encoded(claims));
        let mut signature = vec![0; self.0.public().modulus_len()];
        let signed = self.0.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message.as_bytes(), &mut signature);
        signed.map_err(|_| Error::Setup("the private key does not sign".into()))?;
        Ok(Secret::new(format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))))
    }

    /// The public key as X.509 has it (`SubjectPublicKeyInfo`, DER).
    pub fn public(&self) -> Vec<u8> {
        /// rsaEncryption, without parameters.
        const ALGORITHM: [u8; 15] =
            [0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00];
        let key = [&[0][..], self.0.public().as_ref()].concat(); // no unused bits
        tagged(0x30, &[&ALGORITHM[..], &tagged(0x03, &key)].concat())
    }
}

/// A value of DER: tag, length, content.
fn tagged(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = content.len().to_be_bytes();
    let significant = length.iter().skip_while(|byte| **byte == 0).copied();
    let mut out = vec![tag];
    match u8::try_from(content.len()) {
        Ok(short) if short < 0x80 => out.push(short),
        _ => {
            let bytes: Vec<u8> = significant.collect();
            out.push(0x80 | u8::try_from(bytes.len()).unwrap_or_default());
            out.extend(bytes);
        }
    }
    out.extend_from_slice(content);
    out
}

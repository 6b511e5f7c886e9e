//! Signatures over HTTP requests, as Oracle wants them.
//! <https://docs.oracle.com/en-us/iaas/Content/API/Concepts/signingrequests.htm>

use crate::secret::Secret;
use base64::{Engine, engine::general_purpose::STANDARD};
use chrono::{DateTime, Utc};
use ring::{rand::SystemRandom, rsa::KeyPair, signature::RSA_PKCS1_SHA256};
use rustls_pki_types::{PrivateKeyDer, pem::PemObject};
use std::fmt;
use tianji_proto::{Header, SignRequest};

/// What is signed, in this order.
const SIGNED: &str = "date (request-target) host content-length content-type x-content-sha256";

/// A private key, and the name that its owner is known by.
pub struct Signer {
    name: String,
    key: KeyPair,
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signer").field("name", &self.name).finish_non_exhaustive()
    }
}

impl Signer {
    /// From a name (`tenancy/user/fingerprint`) and an RSA key in PEM, which may have its line breaks as `\n`.
    pub fn new(name: String, key: &Secret) -> Result<Self, String> {
        let pem = key.expose().replace("\\n", "\n");
        let der = PrivateKeyDer::from_pem_slice(pem.as_bytes())
            .map_err(|_| "is no private key in PEM, or has a passphrase".to_owned())?;
        let pair = match &der {
            PrivateKeyDer::Pkcs1(der) => KeyPair::from_der(der.secret_pkcs1_der()),
            PrivateKeyDer::Pkcs8(der) => KeyPair::from_pkcs8(der.secret_pkcs8_der()),
            _ => return Err("is no RSA key".into()),
        };
        let key = pair.map_err(|why| format!("is no RSA key that can be used: {why}"))?;
        Ok(Self { name, key })
    }

    /// The headers that a request needs beside those it has.
    pub fn sign(&self, request: &SignRequest, now: DateTime<Utc>) -> Result<Vec<Header>, &'static str> {
        let date = now.format("%a, %d %b %Y %H:%M:%S GMT").to_string();
        let sha256 = STANDARD.encode(&request.content_sha256);
        let text = format!(
            "date: {date}\n(request-target): {} {}\nhost: {}\ncontent-length: {}\ncontent-type: {}\nx-content-sha256: \
             {sha256}",
            request.method.to_ascii_lowercase(),
            request.path,
            request.host,
            request.content_length,
            request.content_type,
        );
        let mut signature = vec![0; self.key.public().modulus_len()];
        self.key
            .sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), text.as_bytes(), &mut signature)
            .map_err(|_| "signing failed")?;
        let authorization = format!(
            "Signature version=\"1\",keyId=\"{}\",algorithm=\"rsa-sha256\",headers=\"{SIGNED}\",signature=\"{}\"",
            self.name,
            STANDARD.encode(signature),
        );
        let headers = [("date", date), ("x-content-sha256", sha256), ("authorization", authorization)];
        Ok(headers.into_iter().map(|(name, value)| Header { name: name.into(), value }).collect())
    }
}

#[cfg(test)]
mod tests;

//! What Envoy's configuration is made from beside the catalog.

use std::net::{Ipv4Addr, SocketAddr};

/// How the gateway listens, and where things are on Envoy's machine.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// Where clients connect. An Envoy whose bootstrap names another address (`tianji.listen`) gets its own.
    pub listen: SocketAddr,
    /// Serve HTTPS.
    pub tls: Option<Tls>,
    /// The file Envoy writes one JSON line per exchange to. An Envoy may name its own (`tianji.journal`).
    pub journal: String,
    /// The certificate authorities that providers are checked against, on Envoy's machine.
    pub upstream_ca: String,
    /// SHA-256 of `tianji.wasm`, in hexadecimal; Envoy fetches it from the REST port by this name.
    pub wasm_sha256: String,
    /// The largest request body in bytes; a larger one is a 413.
    pub body_limit: u32,
}

/// A certificate on Envoy's machine; Envoy reads it again when a file is moved into its place.
#[derive(Debug, Clone, PartialEq)]
pub struct Tls {
    /// PEM file with the certificate and its chain.
    pub certificate: String,
    /// PEM file with its private key.
    pub key: String,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            listen: (Ipv4Addr::LOCALHOST, 4000).into(),
            tls: None,
            journal: "data/journal.log".into(),
            upstream_ca: "/etc/ssl/certs/ca-certificates.crt".into(),
            wasm_sha256: String::new(),
            body_limit: 50 << 20,
        }
    }
}

//! Short-lived tokens: issued to the control plane, kept fresh by it, and given to Envoy as secrets in place of keys.
//!
//! A [`Source`] is one way to get a token; the [`Keeper`] decides when to ask. What a deployment says of its credentials
//! is read here, by the issuer its provider takes tokens of.

mod copilot;
mod databricks;
mod desk;
mod entra;
mod file;
mod given;
mod google;
mod ibm;
mod jwt;
mod keeper;
mod logins;
mod sap;
mod snowflake;
#[cfg(test)]
pub(crate) mod testing;

use crate::secret::Secret;
use chrono::{DateTime, Utc};
pub use copilot::DeviceFlow;
pub use desk::{Desk, Error};
pub use given::Given;
pub use keeper::{Keeper, Standing};
pub use logins::Logins;
use sha2::{Digest, Sha256};
use std::{fmt, sync::Arc};
use tianji_core::providers::{Facts, Tokens};

/// `litellm_params` that say how a token is had; the filter is not told.
pub const PARAMS: [&str; 5] = ["account_id", "auth_url", "client_id", "tenant_id", "token_url"];

/// One way to get a token.
#[tonic::async_trait]
pub trait Source: Send + Sync {
    /// Its name, for people.
    fn kind(&self) -> &'static str;
    /// All that makes it what it is: deployments with equal parts share a token.
    fn parts(&self) -> Vec<&str>;
    /// Gets a new token.
    async fn token(&self, desk: &Desk) -> Result<Token, Error>;
}

/// A token and the end of its life.
#[derive(Debug, Clone, PartialEq)]
pub struct Token {
    /// What goes behind `Bearer `.
    pub value: Secret,
    /// It is good until then.
    pub expires: DateTime<Utc>,
}

/// A source that deployments can share: equal ones have the same id.
#[derive(Clone)]
pub struct Credential {
    id: Arc<str>,
    source: Arc<dyn Source>,
}

impl Credential {
    fn new(source: impl Source + 'static) -> Self {
        let mut hash = Sha256::new_with_prefix(source.kind());
        for part in source.parts() {
            hash.update(part.len().to_le_bytes());
            hash.update(part);
        }
        Self { id: hex::encode(hash.finalize()).into(), source: Arc::new(source) }
    }
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Credential({})", self.source.kind())
    }
}

/// What a deployment makes itself known with.
#[derive(Debug, Clone, Default)]
pub struct Access {
    /// A key, or a token that someone else renews.
    pub key: Option<Secret>,
    /// The key goes into `authorization` behind this, and not where the provider wants its usual keys.
    pub scheme: Option<&'static str>,
    /// A token that has to be asked for.
    pub credential: Option<Credential>,
    /// What follows from it for the requests: parameters for the filter.
    pub params: Vec<(&'static str, String)>,
}

impl Access {
    fn in_scheme(scheme: &'static str, key: Secret) -> Self {
        Self { key: Some(key), scheme: Some(scheme), ..Self::default() }
    }

    fn bearer(token: Secret) -> Self {
        Self::in_scheme(BEARER, token)
    }

    fn token_of(source: impl Source + 'static) -> Self {
        Self { scheme: Some(BEARER), credential: Some(Credential::new(source)), ..Self::default() }
    }
}

const BEARER: &str = "Bearer ";

/// How a deployment of this provider, with its requests going to `api_base`, makes itself known.
pub fn access(facts: &Facts, given: &Given, api_base: &str) -> Access {
    let read = match facts.tokens {
        Tokens::None => None,
        Tokens::Databricks => databricks::read(given, api_base),
        Tokens::Entra => entra::read(given),
        Tokens::GitHubCopilot => copilot::read(given),
        Tokens::Google => google::read(given),
        Tokens::Ibm => ibm::read(given),
        Tokens::Sap => sap::read(given),
        Tokens::Snowflake => snowflake::read(given),
    };
    read.unwrap_or_else(|| Access { key: given.key(), ..Access::default() })
}

#[cfg(test)]
mod tests;

//! Who calls the admin API. The extractors are the access rules: a handler without one is public on sight.

use crate::{
    app::App,
    error::{Error, Result},
    keys,
    store::{keys::Key, writes::By},
};
use aide::{OperationInput, generate::GenContext, openapi::Operation};
use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, header::AUTHORIZATION, request::Parts},
};
use std::sync::Arc;

/// The name LiteLLM gives the holder of the master key.
pub const ADMIN_NAME: &str = "default_user_id";
/// The security scheme's name in the `OpenAPI` document.
pub const SCHEME: &str = "key";
/// Headers that may carry the key, beside `authorization`.
const HEADERS: [&str; 3] = ["x-litellm-api-key", "x-api-key", "api-key"];

/// Who really asks, where a program asks for somebody: LiteLLM's header.
const CHANGED_BY: &str = "litellm-changed-by";
/// The longest such name, in bytes.
const LONGEST_NAME: usize = 256;

/// The caller holds the master key; what it changes is changed by this name.
pub struct Admin(pub By);

/// The caller is known.
pub enum Caller {
    /// By the master key.
    Admin,
    /// By a virtual key that is neither blocked nor expired.
    Key(Box<Key>),
}

impl FromRequestParts<Arc<App>> for Caller {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self> {
        let key = credential(&parts.headers).ok_or(Error::NoKey)?;
        if app.is_master(key) {
            return Ok(Self::Admin);
        }
        if !key.starts_with("sk-") {
            return Err(Error::NoVirtualKey(keys::name(key)));
        }
        let hash = keys::hash(key);
        let Some(row) = app.store.key(&hash).await? else {
            return Err(Error::UnknownKey { name: keys::name(key), hash });
        };
        if row.blocked {
            return Err(Error::BlockedKey);
        }
        match row.expires {
            Some(end) if end <= app.clock.now() => Err(Error::ExpiredKey(end.to_rfc3339())),
            _ => Ok(Self::Key(Box::new(row))),
        }
    }
}

impl FromRequestParts<Arc<App>> for Admin {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self> {
        match Caller::from_request_parts(parts, app).await? {
            Caller::Admin => {
                let named = parts.headers.get(CHANGED_BY).and_then(|value| value.to_str().ok());
                let who =
                    named.filter(|name| !name.is_empty() && name.len() <= LONGEST_NAME).unwrap_or(ADMIN_NAME);
                Ok(Self(By { who: who.into(), key: app.master_hash().into(), at: app.clock.now() }))
            }
            Caller::Key(_) => Err(Error::NotAdmin(parts.uri.path().into())),
        }
    }
}

impl OperationInput for Admin {
    fn operation_input(ctx: &mut GenContext, operation: &mut Operation) {
        Caller::operation_input(ctx, operation);
    }
}

impl OperationInput for Caller {
    fn operation_input(_: &mut GenContext, operation: &mut Operation) {
        operation.security.push([(SCHEME.to_owned(), Vec::new())].into_iter().collect());
    }
}

/// The key as the client sent it, from whichever header has one.
fn credential(headers: &HeaderMap) -> Option<&str> {
    let bearer = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok()).map(|value| {
        let (scheme, rest) = value.split_at_checked(7).unwrap_or((value, value));
        if scheme.eq_ignore_ascii_case("bearer ") { rest.trim() } else { value.trim() }
    });
    let others = HEADERS.iter().filter_map(|name| headers.get(*name)?.to_str().ok());
    bearer.into_iter().chain(others).find(|key| !key.is_empty())
}

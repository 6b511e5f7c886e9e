//! Snowflake: a user's private key signs a statement that is good for an hour; or a programmatic access token.
//! <https://docs.snowflake.com/en/developer-guide/sql-api/authenticating>

use super::{Access, Desk, Error, Given, Source, Token, file::text_or_file, jwt::Key};
use crate::secret::Secret;
use base64::{Engine, engine::general_purpose::STANDARD};
use chrono::TimeDelta;
use serde_json::json;
use sha2::{Digest, Sha256};

/// The longest that Snowflake takes.
const LIFE: TimeDelta = TimeDelta::minutes(59);
/// What stands before a programmatic access token, as with `LiteLLM`.
const PAT: &str = "pat/";

struct KeyPair {
    account: String,
    user: String,
    /// PEM, or the path of a file with it.
    key: Secret,
}

/// A token, or a user with a private key; the deployment's before the environment's.
pub fn read(given: &Given) -> Option<Access> {
    let own = given.own(&["api_key"]).map(token);
    let own = own.or_else(|| key_pair(given, given.own(&["snowflake_private_key"])?));
    own.or_else(|| given.env(&["SNOWFLAKE_JWT"]).map(token))
        .or_else(|| key_pair(given, given.env(&["SNOWFLAKE_PRIVATE_KEY", "SNOWFLAKE_PRIVATE_KEY_FILE"])?))
}

fn token(token: Secret) -> Access {
    match token.expose().strip_prefix(PAT) {
        None => Access::bearer(token),
        Some(pat) => Access {
            params: vec![("snowflake_token_type", "PROGRAMMATIC_ACCESS_TOKEN".into())],
            ..Access::bearer(Secret::new(pat))
        },
    }
}

fn key_pair(given: &Given, key: Secret) -> Option<Access> {
    let get = |own: &[&str], env: &str| given.own(own).or_else(|| given.env(&[env]));
    let account = get(&["account_id", "snowflake_account"], "SNOWFLAKE_ACCOUNT_ID")?;
    let user = get(&["snowflake_user"], "SNOWFLAKE_USER")?;
    // A region behind the account is no part of its name.
    let account = account.expose().split('.').next().unwrap_or_default().to_uppercase();
    Some(Access::token_of(KeyPair { account, user: user.expose().to_uppercase(), key }))
}

#[tonic::async_trait]
impl Source for KeyPair {
    fn kind(&self) -> &'static str {
        "Snowflake key pair"
    }

    fn parts(&self) -> Vec<&str> {
        vec![&self.account, &self.user, self.key.expose()]
    }

    async fn token(&self, desk: &Desk) -> Result<Token, Error> {
        let key = Key::from_pem(&text_or_file(&self.key, "-----BEGIN")?)?;
        let name = format!("{}.{}", self.account, self.user);
        let fingerprint = STANDARD.encode(Sha256::digest(key.public()));
        let now = desk.clock.now();
        let claims = json!({
            "iss": format!("{name}.SHA256:{fingerprint}"),
            "sub": name,
            "iat": now.timestamp(),
            "exp": (now + LIFE).timestamp(),
        });
        Ok(Token { value: key.sign(None, &claims)?, expires: now + LIFE })
    }
}

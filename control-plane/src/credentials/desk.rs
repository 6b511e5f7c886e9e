//! Where sources ask: HTTP with limits, the time, the kept logins; and what can go wrong there.

use super::{Logins, Token};
use crate::{clock::Clock, secret::Secret};
use chrono::{DateTime, TimeDelta, Utc};
use reqwest::{RequestBuilder, Response, StatusCode, redirect};
use serde_json::{Map, Value};
use std::{sync::OnceLock, time::Duration};

/// A token takes a second at most, or something is wrong.
const PATIENCE: Duration = Duration::from_secs(10);
/// The largest answer that is read, in bytes.
const LARGEST: usize = 1 << 20;
/// How much of an issuer's explanation is passed on, in characters.
const LONGEST: usize = 300;
/// The life of a token whose issuer does not say: an hour, as everybody's.
const HOUR: TimeDelta = TimeDelta::hours(1);

/// Why there is no token. Never says what was secret.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Error {
    /// What was configured cannot work: it is missing, malformed or of a kind that is not supported.
    #[error("{0}")]
    Setup(String),
    /// The issuer does not answer.
    #[error("{url} cannot be reached: {reason}")]
    Unreachable {
        /// Where.
        url: String,
        /// Why not.
        reason: String,
    },
    /// The issuer says no.
    #[error("{url} answered {status}: {reason}")]
    Refused {
        /// Where.
        url: String,
        /// HTTP status.
        status: u16,
        /// In the issuer's words.
        reason: String,
    },
    /// The issuer's answer makes no sense.
    #[error("{0} answered without a token")]
    Senseless(String),
}

/// What sources work with.
pub struct Desk {
    /// The time.
    pub clock: Clock,
    /// What `tianji login` has kept.
    pub logins: Logins,
    http: OnceLock<Result<reqwest::Client, String>>,
}

impl Desk {
    /// A desk that has asked nobody yet.
    pub fn new(clock: Clock, logins: Logins) -> Self {
        Self { clock, logins, http: OnceLock::new() }
    }

    /// Certificates are checked against the system's authorities (`SSL_CERT_FILE` names others); nobody is followed
    /// elsewhere with a credential.
    pub fn http(&self) -> Result<&reqwest::Client, Error> {
        let client = || {
            let client = reqwest::Client::builder()
                .timeout(PATIENCE)
                .redirect(redirect::Policy::none())
                .user_agent(concat!("tianji/", env!("CARGO_PKG_VERSION")));
            client.build().map_err(|error| format!("HTTPS cannot be spoken here: {error}"))
        };
        self.http.get_or_init(client).as_ref().map_err(|reason| Error::Setup(reason.clone()))
    }

    /// Posts a form, as OAuth wants it, and reads the JSON answer. `secrets` are struck from what is said of it.
    pub async fn post(
        &self,
        url: &str,
        form: &[(&str, &str)],
        secrets: &[&Secret],
    ) -> Result<Map<String, Value>, Error> {
        self.ask(self.http()?.post(url).form(form), url, secrets).await
    }

    /// Sends a request and reads the JSON answer.
    pub async fn ask(
        &self,
        request: RequestBuilder,
        url: &str,
        secrets: &[&Secret],
    ) -> Result<Map<String, Value>, Error> {
        let unreachable =
            |error: reqwest::Error| Error::Unreachable { url: url.to_owned(), reason: root(&error) };
        let mut response = request.header("accept", "application/json").send().await.map_err(unreachable)?;
        let body = body(&mut response).await.map_err(unreachable)?;
        let answer: Option<Map<String, Value>> = serde_json::from_slice(&body).ok();
        match (response.status(), answer) {
            (StatusCode::OK | StatusCode::CREATED, Some(answer)) => Ok(answer),
            (StatusCode::OK | StatusCode::CREATED, None) => Err(Error::Senseless(url.to_owned())),
            (status, answer) => Err(Error::Refused {
                url: url.to_owned(),
                status: status.as_u16(),
                reason: reason(&answer.unwrap_or_default(), secrets),
            }),
        }
    }

    /// The token in an answer of OAuth's shape: `access_token`, good for `expires_in` seconds.
    /// <https://www.rfc-editor.org/rfc/rfc6749#section-5.1>
    pub fn token(&self, url: &str, answer: &Map<String, Value>) -> Result<Token, Error> {
        let value = text(answer, "access_token").ok_or_else(|| Error::Senseless(url.to_owned()))?;
        let life = seconds(answer, "expires_in").and_then(TimeDelta::try_seconds).unwrap_or(HOUR);
        Ok(Token { value: Secret::new(value), expires: self.clock.now() + life })
    }
}

async fn body(response: &mut Response) -> reqwest::Result<Vec<u8>> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        if body.len() + chunk.len() > LARGEST {
            return Ok(Vec::new());
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// The cause at the bottom, which is what tells; the address is known.
fn root(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    if error.is_timeout() { "it took too long".into() } else { cause.to_string() }
}

/// A text that is there.
pub fn text<'a>(answer: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    answer.get(name)?.as_str().filter(|text| !text.is_empty())
}

/// A number of seconds, also written as a text.
pub fn seconds(answer: &Map<String, Value>, name: &str) -> Option<i64> {
    let value = answer.get(name)?;
    value.as_i64().or_else(|| value.as_str()?.parse().ok())
}

/// A moment in seconds since 1970.
pub fn moment(answer: &Map<String, Value>, name: &str) -> Option<DateTime<Utc>> {
    DateTime::from_timestamp(seconds(answer, name)?, 0)
}

/// What an issuer says of its refusal, in the fields that issuers have for it.
fn reason(answer: &Map<String, Value>, secrets: &[&Secret]) -> String {
    let fields = ["error", "error_description", "errorCode", "errorMessage", "message"];
    let said: Vec<&str> = fields.iter().filter_map(|name| text(answer, name)).collect();
    let mut said = said.join(": ").replace(char::is_control, " ");
    for secret in secrets.iter().filter(|secret| !secret.expose().is_empty()) {
        said = said.replace(secret.expose(), "***");
    }
    let short: String = said.chars().take(LONGEST).collect();
    if short.is_empty() { "no reason given".into() } else { short }
}

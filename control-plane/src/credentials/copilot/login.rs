//! Logging in without a browser of one's own: a code to be typed in somewhere else (RFC 8628).
//! <https://docs.github.com/en/apps/oauth-apps/building-oauth-apps/authorizing-oauth-apps#device-flow>

use super::{LOGIN, address, editor};
use crate::{
    credentials::{
        Desk, Error,
        desk::{seconds, text},
    },
    environment::Environment,
    secret::Secret,
};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Map, Value, json};
use std::time::Duration;

const CODE_URL: &str = "https://github.com/login/device/code";
const TOKEN_URL: &str = "https://github.com/login/oauth/access_token";
/// The application that Copilot's plugins log in as.
const CLIENT: &str = "Iv1.b507a08c87ecfe98";

/// A login under way.
pub struct DeviceFlow<'a> {
    desk: &'a Desk,
    token_url: String,
    client: String,
    device_code: Secret,
    interval: Duration,
    ends: DateTime<Utc>,
    /// Where the person goes.
    pub page: String,
    /// What the person types there.
    pub code: String,
}

impl<'a> DeviceFlow<'a> {
    /// Asks for a code.
    pub async fn begin(desk: &'a Desk, env: &Environment) -> Result<Self, Error> {
        let url = address(env, "GITHUB_COPILOT_DEVICE_CODE_URL", CODE_URL);
        let client = address(env, "GITHUB_COPILOT_CLIENT_ID", CLIENT);
        let answer = ask(desk, &url, &json!({"client_id": client, "scope": "read:user"}), &[]).await?;
        let needed =
            |name| text(&answer, name).map(str::to_owned).ok_or_else(|| Error::Senseless(url.clone()));
        let life = seconds(&answer, "expires_in").and_then(TimeDelta::try_seconds);
        let interval = seconds(&answer, "interval").and_then(|seconds| u64::try_from(seconds).ok());
        Ok(Self {
            desk,
            token_url: address(env, "GITHUB_COPILOT_ACCESS_TOKEN_URL", TOKEN_URL),
            client,
            device_code: Secret::new(needed("device_code")?),
            interval: Duration::from_secs(interval.unwrap_or(5)),
            ends: desk.clock.now() + life.unwrap_or(TimeDelta::minutes(15)),
            page: needed("verification_uri")?,
            code: needed("user_code")?,
        })
    }

    /// Waits until the person has done it, and keeps the login, sealed.
    pub async fn finish(mut self) -> Result<(), Error> {
        while self.desk.clock.now() < self.ends {
            tokio::time::sleep(self.interval).await;
            if let Some(token) = self.poll().await? {
                let kept = self.desk.logins.keep(LOGIN, &token);
                return kept.map_err(|error| Error::Setup(format!("the login cannot be kept: {error}")));
            }
        }
        Err(Error::Setup("the code is too old; begin anew".into()))
    }

    async fn poll(&mut self) -> Result<Option<Secret>, Error> {
        let body = json!({
            "client_id": self.client,
            "device_code": self.device_code.expose(),
            "grant_type": "urn:ietf:params:oauth:grant-type:device_code",
        });
        let answer = ask(self.desk, &self.token_url, &body, &[&self.device_code]).await?;
        if let Some(token) = text(&answer, "access_token") {
            return Ok(Some(Secret::new(token)));
        }
        match text(&answer, "error") {
            Some("authorization_pending") => Ok(None),
            Some("slow_down") => {
                self.interval += Duration::from_secs(5);
                Ok(None)
            }
            Some("access_denied") => Err(Error::Setup("the login was denied".into())),
            Some("expired_token") => Err(Error::Setup("the code is too old; begin anew".into())),
            other => Err(Error::Setup(format!("GitHub says: {}", other.unwrap_or("nothing")))),
        }
    }
}

async fn ask(desk: &Desk, url: &str, body: &Value, secrets: &[&Secret]) -> Result<Map<String, Value>, Error> {
    let request = editor(desk.http()?.post(url));
    let request = request.header("content-type", "application/json").body(body.to_string());
    desk.ask(request, url, secrets).await
}

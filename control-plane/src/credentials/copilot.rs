//! `GitHub` Copilot: whoever has logged in with `GitHub` gets tokens of half an hour.
//! <https://docs.github.com/en/copilot>

mod login;

use super::{
    Access, Desk, Error, Given, Source, Token,
    desk::{moment, text},
};
use crate::{environment::Environment, secret::Secret};
use chrono::TimeDelta;
pub use login::DeviceFlow;
use reqwest::RequestBuilder;

/// The name under which the login is kept.
const LOGIN: &str = "github-copilot";
const URL: &str = "https://api.github.com/copilot_internal/v2/token";
/// How tokens of `GitHub` itself begin. <https://github.blog/2021-04-05-behind-githubs-new-authentication-token-formats/>
const GITHUBS: [&str; 4] = ["gho_", "ghu_", "ghp_", "github_pat_"];
/// Copilot's tokens without an end are good for so long.
const LIFE: TimeDelta = TimeDelta::minutes(25);

struct Copilot {
    url: String,
    /// `GitHub`'s token, where it was given.
    given: Option<Secret>,
    /// The file that `LiteLLM` keeps it in.
    file: Option<String>,
}

/// A token of Copilot's or of `GitHub`'s; without either, the login that was kept.
pub fn read(given: &Given) -> Option<Access> {
    let key = given.key();
    let is_githubs = |key: &Secret| GITHUBS.iter().any(|start| key.expose().starts_with(start));
    if key.as_ref().is_some_and(|key| !is_githubs(key)) || key.is_none() && !given.is_home() {
        return None;
    }
    let url = given.token_url().or_else(|| given.setting("GITHUB_COPILOT_API_KEY_URL").map(str::to_owned));
    let folder = given.setting("GITHUB_COPILOT_TOKEN_DIR").map(str::to_owned);
    let folder =
        folder.or_else(|| Some(format!("{}/.config/litellm/github_copilot", given.setting("HOME")?)));
    let name = given.setting("GITHUB_COPILOT_ACCESS_TOKEN_FILE").unwrap_or("access-token");
    Some(Access::token_of(Copilot {
        url: url.unwrap_or_else(|| URL.into()),
        given: key,
        file: folder.map(|folder| format!("{folder}/{name}")),
    }))
}

#[tonic::async_trait]
impl Source for Copilot {
    fn kind(&self) -> &'static str {
        "GitHub Copilot"
    }

    fn parts(&self) -> Vec<&str> {
        let given = self.given.as_ref().map(Secret::expose);
        vec![&self.url, given.unwrap_or_default(), self.file.as_deref().unwrap_or_default()]
    }

    async fn token(&self, desk: &Desk) -> Result<Token, Error> {
        let login = self.login(desk)?;
        let request = editor(desk.http()?.get(&self.url));
        let request = request.header("authorization", format!("token {}", login.expose()));
        let answer = desk.ask(request, &self.url, &[&login]).await?;
        let value = text(&answer, "token").ok_or_else(|| Error::Senseless(self.url.clone()))?;
        let expires = moment(&answer, "expires_at").unwrap_or_else(|| desk.clock.now() + LIFE);
        Ok(Token { value: Secret::new(value), expires })
    }
}

impl Copilot {
    fn login(&self, desk: &Desk) -> Result<Secret, Error> {
        if let Some(given) = self.given.clone() {
            return Ok(given);
        }
        if let Some(kept) = desk.logins.get(LOGIN)? {
            return Ok(kept);
        }
        let file = self.file.as_ref().and_then(|file| std::fs::read_to_string(file).ok());
        let token = file.as_deref().map(str::trim).filter(|token| !token.is_empty()).map(Secret::new);
        token.ok_or_else(|| Error::Setup("nobody has logged in: run `tianji login github-copilot`".into()))
    }
}

/// `GitHub` answers editors only.
fn editor(request: RequestBuilder) -> RequestBuilder {
    request
        .header("editor-version", "vscode/1.85.1")
        .header("editor-plugin-version", "copilot/1.155.0")
        .header("user-agent", "GithubCopilot/1.155.0")
}

/// An address that a variable can move.
fn address(env: &Environment, name: &str, usual: &str) -> String {
    env.get(name).unwrap_or(usual).to_owned()
}

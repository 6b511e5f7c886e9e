//! Databricks: a service principal's id and secret for a token of an hour, issued by the workspace itself.
//! <https://docs.databricks.com/aws/en/dev-tools/auth/oauth-m2m>

use super::{Access, Desk, Error, Given, Source, Token};
use crate::secret::Secret;
use url::Url;

struct Principal {
    url: String,
    client_id: String,
    client_secret: Secret,
}

/// A service principal or a key; the deployment's before the environment's.
pub fn read(given: &Given, api_base: &str) -> Option<Access> {
    let own = given.own(&["client_id"]).zip(given.own(&["client_secret"]));
    let pair = own.or_else(|| match given.own(&["api_key"]) {
        Some(_) => None,
        None => given.env(&["DATABRICKS_CLIENT_ID"]).zip(given.env(&["DATABRICKS_CLIENT_SECRET"])),
    });
    let (client_id, client_secret) = pair?;
    let workspace = || Url::parse(api_base).ok()?.join("/oidc/v1/token").ok().map(String::from);
    let url = given.token_url().or_else(workspace)?;
    Some(Access::token_of(Principal { url, client_id: client_id.expose().to_owned(), client_secret }))
}

#[tonic::async_trait]
impl Source for Principal {
    fn kind(&self) -> &'static str {
        "Databricks OAuth"
    }

    fn parts(&self) -> Vec<&str> {
        vec![&self.url, &self.client_id, self.client_secret.expose()]
    }

    async fn token(&self, desk: &Desk) -> Result<Token, Error> {
        let request = desk.http()?.post(&self.url);
        let request = request
            .basic_auth(&self.client_id, Some(self.client_secret.expose()))
            .form(&[("grant_type", "client_credentials"), ("scope", "all-apis")]);
        let answer = desk.ask(request, &self.url, &[&self.client_secret]).await?;
        desk.token(&self.url, &answer)
    }
}

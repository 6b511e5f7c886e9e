//! Microsoft Entra: an application's id and secret for a token of an hour or a day.
//! <https://learn.microsoft.com/en-us/entra/identity-platform/v2-oauth2-client-creds-grant-flow>

use super::{Access, Desk, Error, Given, Source, Token};
use crate::secret::Secret;

const AUTHORITY: &str = "https://login.microsoftonline.com";
const SCOPE: &str = "https://cognitiveservices.azure.com/.default";

struct Entra {
    url: String,
    client_id: String,
    client_secret: Secret,
    scope: String,
}

/// A token, an application or a key; the deployment's before the environment's.
pub fn read(given: &Given) -> Option<Access> {
    let own = given.own(&["azure_ad_token"]).map(bearer);
    let own = own.or_else(|| {
        // What one of them leaves out, the environment may say.
        given.own(&["client_secret", "client_id", "tenant_id"]).and_then(|_| application(given))
    });
    if own.is_some() || given.key().is_some() {
        return own;
    }
    given.env(&["AZURE_AD_TOKEN"]).map(bearer).or_else(|| application(given))
}

fn bearer(token: Secret) -> Access {
    match token.expose().strip_prefix("oidc/") {
        Some(_) => Access::token_of(Federated(token)),
        None => Access::bearer(token),
    }
}

fn application(given: &Given) -> Option<Access> {
    let get = |own: &str, env: &str| given.own(&[own]).or_else(|| given.env(&[env]));
    let text = |own, env| get(own, env).map(|value| value.expose().to_owned());
    let tenant = text("tenant_id", "AZURE_TENANT_ID")?;
    let client_id = text("client_id", "AZURE_CLIENT_ID")?;
    let client_secret = get("client_secret", "AZURE_CLIENT_SECRET")?;
    let scope = text("azure_scope", "AZURE_SCOPE").unwrap_or_else(|| SCOPE.into());
    let authority = given.setting("AZURE_AUTHORITY_HOST").unwrap_or(AUTHORITY).trim_end_matches('/');
    let url = given.token_url().unwrap_or_else(|| format!("{authority}/{tenant}/oauth2/v2.0/token"));
    Some(Access::token_of(Entra { url, client_id, client_secret, scope }))
}

#[tonic::async_trait]
impl Source for Entra {
    fn kind(&self) -> &'static str {
        "Microsoft Entra"
    }

    fn parts(&self) -> Vec<&str> {
        vec![&self.url, &self.client_id, self.client_secret.expose(), &self.scope]
    }

    async fn token(&self, desk: &Desk) -> Result<Token, Error> {
        let form = [
            ("grant_type", "client_credentials"),
            ("client_id", &self.client_id),
            ("client_secret", self.client_secret.expose()),
            ("scope", &self.scope),
        ];
        let answer = desk.post(&self.url, &form, &[&self.client_secret]).await?;
        desk.token(&self.url, &answer)
    }
}

/// `oidc/…`: a token of someone else's that Entra would take for one of its own. Better none than a wrong one.
struct Federated(Secret);

#[tonic::async_trait]
impl Source for Federated {
    fn kind(&self) -> &'static str {
        "Microsoft Entra"
    }

    fn parts(&self) -> Vec<&str> {
        vec![self.0.expose()]
    }

    async fn token(&self, _desk: &Desk) -> Result<Token, Error> {
        Err(Error::Setup("azure_ad_token: oidc/… is not supported; give client_id and client_secret".into()))
    }
}

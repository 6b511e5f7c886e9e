//! SAP AI Core: a service key's client id and secret for a token of half a day.
//! <https://help.sap.com/docs/sap-ai-core/sap-ai-core-service-guide/use-service-key>

use super::{Access, Desk, Error, Given, Source, Token, desk::text};
use crate::secret::Secret;
use serde_json::{Map, Value};

struct Client {
    url: String,
    id: String,
    secret: Secret,
}

/// A service key (JSON) or its parts; the deployment's before the environment's.
pub fn read(given: &Given) -> Option<Access> {
    let key = |secret: Secret| service_key(given, &secret);
    let own = given.own(&["api_key", "sap_service_key"]);
    let own_parts = || {
        client(
            given,
            given.own(&["client_id"])?.expose(),
            given.own(&["client_secret"])?,
            given.own(&["auth_url"]).as_ref().map(Secret::expose),
        )
    };
    if own.is_some() {
        // What is no service key is a token that someone else renews.
        return own.and_then(key);
    }
    own_parts().or_else(|| given.env(&["AICORE_SERVICE_KEY"]).and_then(key)).or_else(|| {
        client(
            given,
            given.env(&["AICORE_CLIENT_ID"])?.expose(),
            given.env(&["AICORE_CLIENT_SECRET"])?,
            given.setting("AICORE_AUTH_URL"),
        )
    })
}

/// As it comes from SAP, or as it stands in a binding, one level deeper.
fn service_key(given: &Given, key: &Secret) -> Option<Access> {
    let key: Map<String, Value> = serde_json::from_str(key.expose()).ok()?;
    let key = key.get("credentials").and_then(Value::as_object).unwrap_or(&key);
    client(given, text(key, "clientid")?, Secret::new(text(key, "clientsecret")?), text(key, "url"))
}

fn client(given: &Given, id: &str, secret: Secret, issuer: Option<&str>) -> Option<Access> {
    let below = |issuer: &str| match issuer.trim_end_matches('/') {
        whole if whole.ends_with("/oauth/token") => whole.to_owned(),
        base => format!("{base}/oauth/token"),
    };
    let url = given.token_url().or_else(|| issuer.map(below))?;
    Some(Access::token_of(Client { url, id: id.to_owned(), secret }))
}

#[tonic::async_trait]
impl Source for Client {
    fn kind(&self) -> &'static str {
        "SAP AI Core"
    }

    fn parts(&self) -> Vec<&str> {
        vec![&self.url, &self.id, self.secret.expose()]
    }

    async fn token(&self, desk: &Desk) -> Result<Token, Error> {
        let form = [
            ("grant_type", "client_credentials"),
            ("client_id", &self.id),
            ("client_secret", self.secret.expose()),
        ];
        let answer = desk.post(&self.url, &form, &[&self.secret]).await?;
        desk.token(&self.url, &answer)
    }
}

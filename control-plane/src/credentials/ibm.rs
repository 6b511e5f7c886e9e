//! IBM Cloud's IAM: an API key for a token of an hour.
//! <https://cloud.ibm.com/docs/account?topic=account-iamtoken_from_apikey>

use super::{Access, Desk, Error, Given, Source, Token};
use crate::secret::Secret;

const URL: &str = "https://iam.cloud.ibm.com/identity/token";

struct Iam {
    url: String,
    api_key: Secret,
}

/// A token, a key of Cloud Pak for Data, or an API key; the deployment's before the environment's.
pub fn read(given: &Given) -> Option<Access> {
    let zen = |key| Access::in_scheme("ZenApiKey ", key);
    let iam = |api_key| {
        let url = given.token_url().or_else(|| given.setting("WATSONX_IAM_URL").map(str::to_owned));
        Access::token_of(Iam { url: url.unwrap_or_else(|| URL.into()), api_key })
    };
    let own = given.own(&["token"]).map(Access::bearer);
    let own = own.or_else(|| given.own(&["zen_api_key"]).map(zen));
    let own = own.or_else(|| given.own(&["api_key", "apikey"]).map(iam));
    own.or_else(|| given.env(&["WATSONX_TOKEN"]).map(Access::bearer))
        .or_else(|| given.env(&["WATSONX_ZENAPIKEY"]).map(zen))
        .or_else(|| given.env(&["WATSONX_APIKEY", "WATSONX_API_KEY", "WX_API_KEY"]).map(iam))
}

#[tonic::async_trait]
impl Source for Iam {
    fn kind(&self) -> &'static str {
        "IBM IAM"
    }

    fn parts(&self) -> Vec<&str> {
        vec![&self.url, self.api_key.expose()]
    }

    async fn token(&self, desk: &Desk) -> Result<Token, Error> {
        let form =
            [("grant_type", "urn:ibm:params:oauth:grant-type:apikey"), ("apikey", self.api_key.expose())];
        let answer = desk.post(&self.url, &form, &[&self.api_key]).await?;
        desk.token(&self.url, &answer)
    }
}

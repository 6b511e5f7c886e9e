//! What each issuer is asked, in the words that LiteLLM asks it in, and which of several credentials is taken.

use super::{
    testing::{FINGERPRINT, Issuer, KEY, NOW, at, desk, known, token},
    *,
};
use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use serde_json::{Value, json};

/// Header, claims and whether the signature is the test key's.
fn opened(jwt: &str) -> (Value, Value, bool) {
    use ring::signature::{KeyPair, RSA_PKCS1_2048_8192_SHA256, RsaKeyPair, UnparsedPublicKey};
    let (message, signature) = jwt.rsplit_once('.').unwrap();
    let decoded = |part: &str| URL_SAFE_NO_PAD.decode(part).unwrap();
    let (header, claims) = message.split_once('.').unwrap();
    let parsed = |part: &str| serde_json::from_slice(&decoded(part)).unwrap();
    let der: String = KEY.lines().filter(|line| !line.starts_with('-')).collect();
    let pair = RsaKeyPair::from_pkcs8(&STANDARD.decode(der).unwrap()).unwrap();
    let public = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, pair.public_key());
    let signed = public.verify(message.as_bytes(), &decoded(signature)).is_ok();
    (parsed(header), parsed(claims), signed)
}

fn service_account(issuer: &Issuer) -> Value {
    json!({"type": "service_account", "project_id": "p1", "private_key_id": "k1", "private_key": KEY,
        "client_email": "me@p1.iam.gserviceaccount.com", "token_uri": format!("{}/token", issuer.url)})
}

fn key(access: &Access) -> Option<(&str, &str)> {
    Some((access.scheme.unwrap_or("usual"), access.key.as_ref()?.expose()))
}

#[tokio::test]
async fn a_google_service_account_signs_what_it_asks_for() {
    let (issuer, (desk, _)) = (Issuer::start().await, desk());
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("key.json");
    std::fs::write(&file, service_account(&issuer).to_string()).unwrap();
    for credentials in [service_account(&issuer), service_account(&issuer).to_string().into(), json!(file)] {
        let access = known(&json!({"model": "vertex_ai/gemini", "vertex_credentials": credentials}), &[]);
        assert_eq!(access.params, [("vertex_project", "p1".to_owned())]);
        assert!(token(&access, &desk).await.unwrap().value.expose().starts_with("token-"));
        let asked = issuer.asked().pop().unwrap();
        assert_eq!(
            (&*asked.path, asked.header("content-type")),
            ("/token", "application/x-www-form-urlencoded")
        );
        let form = asked.form();
        assert_eq!(form["grant_type"], "urn:ietf:params:oauth:grant-type:jwt-bearer");
        let (header, claims, signed) = opened(&form["assertion"]);
        assert_eq!(header, json!({"alg": "RS256", "typ": "JWT", "kid": "k1"}));
        let expected = json!({"iss": "me@p1.iam.gserviceaccount.com", "aud": format!("{}/token", issuer.url),
            "scope": "https://www.googleapis.com/auth/cloud-platform", "iat": NOW, "exp": NOW + 3600});
        assert_eq!((claims, signed), (expected, true));
    }
}

#[tokio::test]
async fn a_google_user_and_a_machine_of_google_s_have_tokens_too() {
    let (issuer, (desk, _)) = (Issuer::start().await, desk());
    let user = json!({"type": "authorized_user", "client_id": "id", "client_secret": "s", "refresh_token": "r",
        "quota_project_id": "q1", "token_uri": issuer.url});
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("application_default_credentials.json");
    std::fs::write(&file, user.to_string()).unwrap();
    let (path, directory) = (file.to_str().unwrap(), folder.path().to_str().unwrap());
    for env in [[("GOOGLE_APPLICATION_CREDENTIALS", path)], [("CLOUDSDK_CONFIG", directory)]] {
        let access = known(&json!({"model": "vertex_ai/gemini"}), &env);
        assert_eq!(access.params, [("vertex_project", "q1".to_owned())]);
        token(&access, &desk).await.unwrap();
        let form = issuer.asked().pop().unwrap().form();
        let fields = ["grant_type", "client_id", "client_secret", "refresh_token"].map(|name| &*form[name]);
        assert_eq!(fields, ["refresh_token", "id", "s", "r"]);
    }
    let host = issuer.url.trim_start_matches("http://");
    let access = known(&json!({"model": "vertex_ai/gemini"}), &[("GCE_METADATA_HOST", host)]);
    token(&access, &desk).await.unwrap();
    let asked = issuer.asked().pop().unwrap();
    assert!(asked.path.starts_with("/computeMetadata/v1/instance/service-accounts/default/token?scopes="));
    assert_eq!(asked.header("metadata-flavor"), "Google");
}

#[tokio::test]
async fn entra_is_asked_for_an_application() {
    let (issuer, (desk, _)) = (Issuer::start().await, desk());
    issuer.will(200, json!({"access_token": "t", "expires_in": "600"}));
    let params = json!({"model": "azure/gpt", "tenant_id": "t1", "client_id": "c1", "client_secret": "s1"});
    let access = known(&params, &[("AZURE_AUTHORITY_HOST", &issuer.url), ("AZURE_API_KEY", "unused")]);
    assert_eq!(token(&access, &desk).await, Ok(Token { value: Secret::new("t"), expires: at(600) }));
    let asked = issuer.asked().pop().unwrap();
    assert_eq!(asked.path, "/t1/oauth2/v2.0/token");
    let form = asked.form();
    let fields = ["grant_type", "client_id", "client_secret", "scope"].map(|name| &*form[name]);
    assert_eq!(fields, ["client_credentials", "c1", "s1", "https://cognitiveservices.azure.com/.default"]);
}

#[tokio::test]
async fn ibm_is_asked_for_an_api_key() {
    let (issuer, (desk, _)) = (Issuer::start().await, desk());
    let params = json!({"model": "watsonx/ibm/granite", "api_key": "k1"});
    let access = known(&params, &[("WATSONX_IAM_URL", &format!("{}/identity/token", issuer.url))]);
    token(&access, &desk).await.unwrap();
    let asked = issuer.asked().pop().unwrap();
    assert_eq!((&*asked.path, asked.header("accept")), ("/identity/token", "application/json"));
    assert_eq!(asked.body, "grant_type=urn%3Aibm%3Aparams%3Aoauth%3Agrant-type%3Aapikey&apikey=k1");
}

#[tokio::test]
async fn sap_is_asked_for_a_service_key() {
    let (issuer, (desk, _)) = (Issuer::start().await, desk());
    let key = json!({"clientid": "c1", "clientsecret": "s1", "url": issuer.url});
    let parts =
        json!({"model": "sap/gpt-4o", "client_id": "c1", "client_secret": "s1", "auth_url": issuer.url});
    let bound = json!({"model": "sap/gpt-4o", "api_key": json!({"credentials": key}).to_string()});
    let text = key.to_string();
    for (params, env) in [
        (json!({"model": "sap/gpt-4o"}), ("AICORE_SERVICE_KEY", &*text)),
        (parts, ("NONE", "")),
        (bound, ("NONE", "")),
    ] {
        token(&known(&params, &[env]), &desk).await.unwrap();
        let asked = issuer.asked().pop().unwrap();
        assert_eq!(asked.path, "/oauth/token");
        assert_eq!(asked.body, "grant_type=client_credentials&client_id=c1&client_secret=s1");
    }
}

#[tokio::test]
async fn databricks_is_asked_at_the_workspace() {
    let (issuer, (desk, _)) = (Issuer::start().await, desk());
    let params = json!({"model": "databricks/m", "api_base": format!("{}/serving-endpoints", issuer.url)});
    let access = known(&params, &[("DATABRICKS_CLIENT_ID", "c1"), ("DATABRICKS_CLIENT_SECRET", "s1")]);
    token(&access, &desk).await.unwrap();
    let asked = issuer.asked().pop().unwrap();
    assert_eq!(asked.path, "/oidc/v1/token");
    assert_eq!(asked.header("authorization"), format!("Basic {}", STANDARD.encode("c1:s1")));
    assert_eq!(asked.body, "grant_type=client_credentials&scope=all-apis");
}

#[tokio::test]
async fn copilot_is_asked_with_githubs_token() {
    let (issuer, (desk, _)) = (Issuer::start().await, desk());
    issuer.will(200, json!({"token": "tid=1", "expires_at": NOW + 1500, "refresh_in": 1200}));
    let url = format!("{}/copilot_internal/v2/token", issuer.url);
    let access = known(
        &json!({"model": "github_copilot/gpt-4o", "api_key": "gho_1"}),
        &[("GITHUB_COPILOT_API_KEY_URL", &url)],
    );
    assert_eq!(token(&access, &desk).await.unwrap().expires, at(1500));
    let asked = issuer.asked().pop().unwrap();
    assert_eq!(
        (asked.header("authorization"), asked.header("editor-version")),
        ("token gho_1", "vscode/1.85.1")
    );
}

#[tokio::test]
async fn a_snowflake_user_signs_for_itself() {
    let (desk, _) = desk();
    let params = json!({"model": "snowflake/llama", "account_id": "org-acct", "snowflake_user": "me",
        "snowflake_private_key": KEY});
    let issued = token(&known(&params, &[]), &desk).await.unwrap();
    let (header, claims, signed) = opened(issued.value.expose());
    assert_eq!(header, json!({"alg": "RS256", "typ": "JWT"}));
    assert!(signed && issued.expires <= at(3600));
    let expected = json!({"iss": format!("ORG-ACCT.ME.SHA256:{FINGERPRINT}"), "sub": "ORG-ACCT.ME",
        "iat": NOW, "exp": issued.expires.timestamp()});
    assert_eq!(claims, expected);
    let pat = known(&json!({"model": "snowflake/llama", "api_key": "pat/p1"}), &[]);
    assert_eq!((key(&pat), pat.params.len()), (Some(("Bearer ", "p1")), 1));
}

#[test]
fn a_token_that_is_given_is_taken_as_it_is() {
    let azure = json!({"model": "azure/gpt", "azure_ad_token": "aad", "api_key": "k"});
    assert_eq!(key(&known(&azure, &[])), Some(("Bearer ", "aad")));
    let watsonx = |name: &str| known(&json!({"model": "watsonx/m", name: "given", "api_key": "k"}), &[]);
    assert_eq!(key(&watsonx("token")), Some(("Bearer ", "given")));
    assert_eq!(key(&watsonx("zen_api_key")), Some(("ZenApiKey ", "given")));
}

#[test]
fn a_key_of_the_deployments_own_comes_before_the_environments_credentials() {
    let entra = [("AZURE_TENANT_ID", "t"), ("AZURE_CLIENT_ID", "c"), ("AZURE_CLIENT_SECRET", "s")];
    let own = known(&json!({"model": "azure/gpt", "api_key": "k"}), &entra);
    assert_eq!((key(&own), own.credential.is_some()), (Some(("usual", "k")), false));
    assert!(known(&json!({"model": "azure/gpt"}), &entra).credential.is_some());
    let google =
        known(&json!({"model": "vertex_ai/m", "api_key": "k"}), &[("GOOGLE_APPLICATION_CREDENTIALS", "f")]);
    assert_eq!((key(&google), google.credential.is_some()), (Some(("usual", "k")), false));
}

#[test]
fn the_environments_credentials_go_to_the_vendor_only() {
    for model in ["vertex_ai/m", "github_copilot/m"] {
        let elsewhere = known(&json!({"model": model, "api_base": "https://elsewhere.test"}), &[]);
        assert!(elsewhere.credential.is_none() && elsewhere.key.is_none(), "{model}");
        assert!(known(&json!({"model": model}), &[]).credential.is_some(), "{model}");
    }
}

#[tokio::test]
async fn what_is_said_of_a_refusal_holds_no_secret() {
    let (issuer, (desk, _)) = (Issuer::start().await, desk());
    let params = json!({"model": "watsonx/m", "api_key": "very-secret", "token_url": issuer.url});
    let access = known(&params, &[]);
    let said = json!({"errorCode": "BXNIM0415E", "errorMessage": "API key very-secret could not be found."});
    issuer.will(400, said);
    let error = token(&access, &desk).await.unwrap_err().to_string();
    assert_eq!(error, format!("{} answered 400: BXNIM0415E: API key *** could not be found.", issuer.url));
    issuer.will(200, json!({"token": "very-secret"}));
    issuer.will(302, json!({}));
    for expected in ["answered without a token", "answered 302: no reason given"] {
        assert!(token(&access, &desk).await.unwrap_err().to_string().ends_with(expected));
    }
    let nowhere =
        known(&json!({"model": "watsonx/m", "api_key": "k", "token_url": "http://127.0.0.1:1/t"}), &[]);
    let error = token(&nowhere, &desk).await.unwrap_err().to_string();
    assert!(error.starts_with("http://127.0.0.1:1/t cannot be reached: "), "{error}");
}

#[tokio::test]
async fn what_cannot_work_is_said_without_showing_it() {
    let (desk, _) = desk();
    let said = async |credentials: Value| {
        let access = known(&json!({"model": "vertex_ai/m", "vertex_credentials": credentials}), &[]);
        token(&access, &desk).await.unwrap_err().to_string()
    };
    assert!(said(json!("/nonexistent.json")).await.starts_with("cannot read the file `/nonexistent.json`"));
    assert_eq!(said(json!("c2VjcmV0 blob")).await, "the credential is malformed, and no path of a file");
    let account = json!({"type": "service_account", "client_email": "e", "private_key": "c2VjcmV0"});
    assert_eq!(said(account).await, "the private key cannot be used: it is no PEM");
    let federated = json!({"type": "external_account"});
    assert_eq!(said(federated).await, "Google credentials of type `external_account` are not supported");
    let oidc = known(&json!({"model": "azure/m", "azure_ad_token": "oidc/env/TOKEN"}), &[]);
    assert!(token(&oidc, &desk).await.unwrap_err().to_string().contains("oidc/… is not supported"));
}

#[test]
fn a_key_is_read_in_both_forms_and_from_one_line() {
    let one_line = KEY.replace('\n', "\\n");
    for pem in [KEY, &one_line, include_str!("testing/pkcs1.pem")] {
        assert!(jwt::Key::from_pem(&Secret::new(pem)).is_ok());
    }
}

#[tokio::test]
async fn a_person_logs_in_with_a_code_and_the_login_is_found() {
    let issuer = Issuer::start().await;
    let folder = tempfile::tempdir().unwrap();
    let logins = Logins::new(folder.path(), crate::vault::Vault::new(&Secret::new("sk-master")));
    let desk = Desk::new(crate::clock::Clock::fixed(at(0)), logins);
    let env: Vec<(&str, &str)> = ["DEVICE_CODE_URL", "ACCESS_TOKEN_URL", "API_KEY_URL"]
        .map(|name| format!("GITHUB_COPILOT_{name}").leak() as &str)
        .map(|name| (name, &*issuer.url))
        .into();
    let variables = env.iter().fold(crate::environment::Environment::default(), |mut all, (name, value)| {
        all.set(*name, *value);
        all
    });
    let access = known(&json!({"model": "github_copilot/gpt-4o"}), &env);
    let before = token(&access, &desk).await.unwrap_err().to_string();
    assert!(before.contains("tianji login github-copilot"), "{before}");
    let code = json!({"device_code": "d1", "user_code": "AB-12", "verification_uri": "https://github.test/device",
        "interval": 0, "expires_in": 900});
    issuer.will(200, code);
    issuer.will(200, json!({"error": "authorization_pending"}));
    issuer.will(200, json!({"access_token": "gho_1"}));
    issuer.will(200, json!({"token": "tid=1", "expires_at": NOW + 1500}));
    let flow = DeviceFlow::begin(&desk, &variables).await.unwrap();
    assert_eq!((&*flow.page, &*flow.code), ("https://github.test/device", "AB-12"));
    flow.finish().await.unwrap();
    assert_eq!(token(&access, &desk).await.unwrap().value, Secret::new("tid=1"));
    let asked = issuer.asked();
    let poll: Value = serde_json::from_str(&asked[2].body).unwrap();
    assert_eq!(poll["grant_type"], "urn:ietf:params:oauth:grant-type:device_code");
    assert_eq!((&poll["device_code"], asked[3].header("authorization")), (&json!("d1"), "token gho_1"));
}

//! Google: service accounts, users, and the account of the machine, each for a token of an hour.
//! <https://cloud.google.com/docs/authentication/application-default-credentials>

use super::{
    Access, Desk, Error, Given, Source, Token,
    desk::text,
    file::{file as read_file, text_or_file},
    jwt::Key,
};
use crate::secret::Secret;
use chrono::TimeDelta;
use serde_json::{Map, Value, json};

const SCOPE: &str = "https://www.googleapis.com/auth/cloud-platform";
const URL: &str = "https://oauth2.googleapis.com/token";
/// Where a machine of Google's finds its own account.
const METADATA: &str = "metadata.google.internal";
const HOUR: TimeDelta = TimeDelta::hours(1);

struct Google {
    account: Account,
    /// In place of the address that the key file names.
    url: Option<String>,
}

enum Account {
    /// A key file's JSON, or its path.
    Key(Secret),
    /// Application default credentials: the first of these files that is there, else the machine's account.
    Default { files: Vec<String>, metadata: String },
}

/// A key file or a key of the deployment's; then the environment's, then what there is on this machine.
pub fn read(given: &Given) -> Option<Access> {
    let own = given.own(&["vertex_credentials", "vertex_ai_credentials"]);
    if own.is_none() && given.own(&["api_key"]).is_some() {
        return None;
    }
    let named = own.or_else(|| given.env(&["VERTEXAI_CREDENTIALS", "VERTEX_CREDENTIALS"]));
    let account = match named {
        Some(key) => Account::Key(key),
        None if given.key().is_some() || !given.is_home() => return None,
        None => default(given),
    };
    let project = project(given, &account).map(|project| ("vertex_project", project));
    let access = Access::token_of(Google { account, url: given.token_url() });
    Some(Access { params: project.into_iter().collect(), ..access })
}

fn default(given: &Given) -> Account {
    let set = |name| given.setting(name);
    let folder = set("CLOUDSDK_CONFIG").map(str::to_owned);
    let folder = folder.or_else(|| Some(format!("{}/.config/gcloud", set("HOME")?)));
    let files = match set("GOOGLE_APPLICATION_CREDENTIALS") {
        Some(file) => Some(file.to_owned()),
        None => folder.map(|folder| format!("{folder}/application_default_credentials.json")),
    };
    let metadata = set("GCE_METADATA_HOST").unwrap_or(METADATA).to_owned();
    Account::Default { files: files.into_iter().collect(), metadata }
}

/// The project of a deployment that names none: the environment's, or the key's own.
fn project(given: &Given, account: &Account) -> Option<String> {
    if given.own(&["vertex_project", "vertex_ai_project", "project"]).is_some() {
        return None;
    }
    let variable = given.setting("VERTEXAI_PROJECT").or_else(|| given.setting("GOOGLE_CLOUD_PROJECT"));
    let key = || {
        let text = match account {
            Account::Key(key) if is_json(key.expose()) => Some(key.expose().to_owned()),
            Account::Key(path) => std::fs::read_to_string(path.expose()).ok(),
            Account::Default { files, .. } => {
                files.iter().find_map(|file| std::fs::read_to_string(file).ok())
            }
        };
        let key: Map<String, Value> = serde_json::from_str(&text?).ok()?;
        text_of(&key, &["project_id", "quota_project_id"])
    };
    variable.map(str::to_owned).or_else(key)
}

fn text_of(key: &Map<String, Value>, names: &[&str]) -> Option<String> {
    names.iter().find_map(|name| text(key, name)).map(str::to_owned)
}

fn is_json(text: &str) -> bool {
    text.trim_start().starts_with('{')
}

#[tonic::async_trait]
impl Source for Google {
    fn kind(&self) -> &'static str {
        "Google"
    }

    fn parts(&self) -> Vec<&str> {
        let mut parts: Vec<&str> = self.url.as_deref().into_iter().collect();
        match &self.account {
            Account::Key(key) => parts.push(key.expose()),
            Account::Default { files, metadata } => {
                parts.extend(files.iter().map(String::as_str));
                parts.push(metadata);
            }
        }
        parts
    }

    async fn token(&self, desk: &Desk) -> Result<Token, Error> {
        match &self.account {
            Account::Key(key) => self.by_key(&text_or_file(key, "{")?, desk).await,
            Account::Default { files, metadata } => {
                match files.iter().find(|file| std::path::Path::new(file).exists()) {
                    Some(file) => self.by_key(&read_file(file)?, desk).await,
                    None => of_machine(metadata, desk).await,
                }
            }
        }
    }
}

impl Google {
    async fn by_key(&self, key: &Secret, desk: &Desk) -> Result<Token, Error> {
        let parsed = serde_json::from_str(key.expose());
        let key: Map<String, Value> =
            parsed.map_err(|_| Error::Setup("the Google credentials are no JSON object".into()))?;
        let url = self.url.as_deref().or_else(|| text(&key, "token_uri")).unwrap_or(URL);
        match text(&key, "type") {
            Some("service_account") | None => of_service(&key, url, desk).await,
            Some("authorized_user") => of_user(&key, url, desk).await,
            Some(kind) => Err(Error::Setup(format!("Google credentials of type `{kind}` are not supported"))),
        }
    }
}

fn part<'a>(key: &'a Map<String, Value>, name: &str) -> Result<&'a str, Error> {
    text(key, name).ok_or_else(|| Error::Setup(format!("the Google credentials have no `{name}`")))
}

/// <https://developers.google.com/identity/protocols/oauth2/service-account#httprest>
async fn of_service(key: &Map<String, Value>, url: &str, desk: &Desk) -> Result<Token, Error> {
    let now = desk.clock.now();
    let claims = json!({
        "iss": part(key, "client_email")?,
        "scope": SCOPE,
        "aud": text(key, "token_uri").unwrap_or(url),
        "iat": now.timestamp(),
        "exp": (now + HOUR).timestamp(),
    });
    let signer = Key::from_pem(&Secret::new(part(key, "private_key")?))?;
    let statement = signer.sign(text(key, "private_key_id"), &claims)?;
    let form =
        [("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer"), ("assertion", statement.expose())];
    let answer = desk.post(url, &form, &[&statement]).await?;
    desk.token(url, &answer)
}

/// What `gcloud auth application-default login` leaves behind.
/// <https://developers.google.com/identity/protocols/oauth2/web-server#offline>
async fn of_user(key: &Map<String, Value>, url: &str, desk: &Desk) -> Result<Token, Error> {
    let (secret, refresh) =
        (Secret::new(part(key, "client_secret")?), Secret::new(part(key, "refresh_token")?));
    let form = [
        ("grant_type", "refresh_token"),
        ("client_id", part(key, "client_id")?),
        ("client_secret", secret.expose()),
        ("refresh_token", refresh.expose()),
    ];
    let answer = desk.post(url, &form, &[&secret, &refresh]).await?;
    desk.token(url, &answer)
}

/// <https://cloud.google.com/compute/docs/access/authenticate-workloads#applications>
async fn of_machine(host: &str, desk: &Desk) -> Result<Token, Error> {
    let url = format!("http://{host}/computeMetadata/v1/instance/service-accounts/default/token");
    let request = desk.http()?.get(&url).query(&[("scopes", SCOPE)]).header("metadata-flavor", "Google");
    match desk.ask(request, &url, &[]).await {
        Ok(answer) => desk.token(&url, &answer),
        Err(Error::Unreachable { reason, .. }) => Err(Error::Setup(format!(
            "no Google credentials: vertex_credentials is not given, there are no application default credentials, \
             and {host} cannot be reached ({reason})"
        ))),
        Err(error) => Err(error),
    }
}

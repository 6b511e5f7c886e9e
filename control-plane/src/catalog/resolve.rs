//! From an entry to a deployment: which provider, where, with which key, at which price.

use super::{AwsKeys, Entry, Model};
use crate::{
    credentials::{self, Access, Given},
    environment::{Environment, below},
    errands::signer::Signer,
    fault::Fault,
    prices::{self, Prices},
    secret::Secret,
};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use std::{borrow::Cow, sync::Arc};
use tianji_core::{
    deployment::Deployment,
    providers::{self, Auth, Facts, Provider, Tokens},
};
use url::Url;

/// Longest name of a model, in bytes.
const LONGEST_NAME: usize = 256;
/// Longest id of a deployment, in bytes: it becomes part of a cluster's name and a header.
const LONGEST_ID: usize = 128;
/// `litellm_params` that become fields of the deployment, or concern only the gateway.
const TAKEN: [&str; 9] = [
    "model",
    "custom_llm_provider",
    "api_base",
    "base_url",
    "weight",
    "rpm",
    "tpm",
    "timeout",
    "request_timeout",
];

/// Resolves one entry, or says everything that is wrong with it.
pub(super) fn model(entry: &Entry, env: &Environment) -> Result<Model, Vec<Fault>> {
    let mut faults = Vec::new();
    check_name(entry, &mut faults);
    let id = deployment_id(entry, &mut faults);
    let timeout = timeout(entry, &mut faults);
    for measure in ["weight", "rpm", "tpm"] {
        if entry.params.contains_key(measure) && number(&entry.params, measure).is_none() {
            faults.push(fault(entry, measure, "must be a number, 0 or more"));
        }
    }
    let entry = &completed(entry, env);
    let placed = place(entry, env, &mut faults);
    let signer = placed.as_ref().and_then(|place| signer(entry, place.facts, env, &mut faults));
    let Some(Place { facts, model, api_base }) = placed.filter(|_| faults.is_empty()) else {
        return Err(faults);
    };
    let Access { key, scheme, credential, params: told } =
        credentials::access(facts, &Given::new(entry, facts, env), &api_base);
    let taken = |name: &str| {
        TAKEN.contains(&name) || facts.tokens != Tokens::None && credentials::PARAMS.contains(&name)
    };
    let params = entry.params.iter().filter(|(name, _)| !taken(name) && !prices::is_price(name));
    let params = params.map(|(name, value)| (name.clone(), value.clone()));
    let told = told.into_iter().map(|(name, value)| (name.to_owned(), value.into()));
    let deployment = Deployment {
        provider: facts.slug.into(),
        api_base,
        timeout,
        weight: 1.0,
        params: params.chain(told).collect(),
        facts: price_facts(entry, facts.slug, &model),
        model,
        ..Deployment::default()
    };
    let mut resolved = Model {
        name: entry.name.clone(),
        deployment,
        // A private key never leaves.
        key: key.filter(|_| facts.auth != Auth::HttpSignature),
        scheme,
        credential,
        aws: aws(entry, env),
        signer,
        info: entry.info.clone(),
        params: entry.shown_params(),
        db: entry.db,
    };
    resolved.name_deployment(id);
    Ok(resolved)
}

fn fault(entry: &Entry, param: &str, message: impl Into<String>) -> Fault {
    Fault::new(below(&entry.path, &format!("litellm_params.{param}")), message)
}

fn check_name(entry: &Entry, faults: &mut Vec<Fault>) {
    let path = below(&entry.path, "model_name");
    if entry.name.is_empty() || entry.name.len() > LONGEST_NAME {
        faults.push(Fault::new(&path, format!("must have 1 to {LONGEST_NAME} bytes")));
    }
    if entry.name.chars().any(char::is_control) {
        faults.push(Fault::new(&path, "must not contain control characters"));
    }
    if entry.name.contains('*') {
        faults.push(Fault::new(&path, "wildcard names are not supported; name the models one by one"));
    }
}

/// `model_info.id`, or a hash of what the deployment is. Its key is no part of it, so a new key keeps the id.
fn deployment_id(entry: &Entry, faults: &mut Vec<Fault>) -> String {
    match entry.info.get("id") {
        None | Some(Value::Null) => {
            // Sorted, so that the order in the file does not matter.
            let sorted: std::collections::BTreeMap<_, _> = entry.params.iter().collect();
            let text = serde_json::to_string(&(&entry.name, sorted)).unwrap_or_default();
            hex::encode(Sha256::digest(text))
        }
        Some(Value::String(id)) if is_id(id) => id.clone(),
        Some(_) => {
            let message = format!("must be a text of 1 to {LONGEST_ID} letters, digits and -._:/@+");
            faults.push(Fault::new(below(&entry.path, "model_info.id"), message));
            String::new()
        }
    }
}

/// Whether a text can be the id of a deployment.
pub(super) fn is_id(id: &str) -> bool {
    let allowed = |b: u8| b.is_ascii_alphanumeric() || b"-._:/@+".contains(&b);
    (1..=LONGEST_ID).contains(&id.len()) && id.bytes().all(allowed)
}

fn timeout(entry: &Entry, faults: &mut Vec<Fault>) -> Option<f64> {
    let name = ["timeout", "request_timeout"].into_iter().find(|name| entry.params.contains_key(*name))?;
    let seconds = number(&entry.params, name).filter(|seconds| *seconds > 0.0);
    if seconds.is_none() && entry.params.get(name) != Some(&Value::Null) {
        faults.push(fault(entry, name, "must be a number of seconds above 0"));
    }
    seconds
}

/// A parameter that is a number of at least 0, also written as a text.
pub(super) fn number(params: &Map<String, Value>, name: &str) -> Option<f64> {
    let value = params.get(name)?;
    let number = value.as_f64().or_else(|| value.as_str()?.trim().parse().ok())?;
    (number.is_finite() && number >= 0.0).then_some(number)
}

struct Place {
    facts: &'static Facts,
    model: String,
    api_base: String,
}

fn place(entry: &Entry, env: &Environment, faults: &mut Vec<Fault>) -> Option<Place> {
    let Some(full) = entry.params.get("model").and_then(Value::as_str).filter(|model| !model.is_empty())
    else {
        faults.push(fault(entry, "model", "must be given, such as 'openai/gpt-4o'"));
        return None;
    };
    if full.chars().any(char::is_control) || full.len() > LONGEST_NAME {
        faults.push(fault(
            entry,
            "model",
            format!("must have at most {LONGEST_NAME} bytes, none of them control"),
        ));
    }
    let chosen = entry.params.get("custom_llm_provider").and_then(Value::as_str);
    let (facts, model) = match provider(full, chosen) {
        Ok(found) => found,
        Err(message) => {
            faults.push(fault(entry, "model", message));
            return None;
        }
    };
    let given =
        ["api_base", "base_url"].into_iter().find_map(|name| Some((name, entry.params.get(name)?.as_str()?)));
    let (name, base) = match given {
        Some((name, base)) => (name, Cow::from(base)),
        None => ("api_base", home(facts, &model, entry, env)),
    };
    match base_url(&base) {
        Ok(api_base) => Some(Place { facts, model, api_base }),
        Err(message) => {
            faults.push(fault(entry, name, message));
            None
        }
    }
}

/// Where a provider is, for a deployment that does not say.
fn home<'a>(facts: &Facts, model: &str, entry: &Entry, env: &'a Environment) -> Cow<'a, str> {
    let own = || providers::find(facts.slug).map(|provider| provider.base_url(model, &entry.params));
    env.get(facts.base_env).map(Cow::from).or_else(own).unwrap_or_default()
}

/// The provider of a model, and its name there: as `LiteLLM` finds it.
fn provider(full: &str, chosen: Option<&str>) -> Result<(&'static Facts, String), String> {
    let unknown = |slug: &str| format!("the provider '{slug}' is not supported");
    if let Some(slug) = chosen {
        let facts = facts(slug).ok_or_else(|| unknown(slug))?;
        let model = full.strip_prefix(slug).and_then(|rest| rest.strip_prefix('/')).unwrap_or(full);
        return Ok((facts, model.into()));
    }
    if let Some((slug, model)) = full.split_once('/')
        && let Some(facts) = facts(slug)
        && !model.is_empty()
    {
        return Ok((facts, model.into()));
    }
    if let Some(slug) = Prices::table().provider(full) {
        // Some rows are filed under a kind of model: `vertex_ai-language-models`.
        let kind =
            || providers::ALL.iter().map(|p| p.facts()).find(|facts| providers::owns(facts.slug, &slug));
        return Ok((facts(&slug).or_else(kind).ok_or_else(|| unknown(&slug))?, full.into()));
    }
    match full.split_once('/') {
        Some((slug, _)) => Err(unknown(slug)),
        None => Err(format!(
            "LLM Provider NOT provided. Pass in the LLM provider you are trying to call, such as 'openai/{full}'"
        )),
    }
}

fn facts(slug: &str) -> Option<&'static Facts> {
    providers::find(slug).map(Provider::facts)
}

/// A base URL without its trailing slash, or what is wrong with it.
fn base_url(text: &str) -> Result<String, String> {
    if text.is_empty() {
        return Err("must be given for this provider, such as 'http://127.0.0.1:8000/v1'".into());
    }
    let url = Url::parse(text).map_err(|e| format!("is no URL: {e}"))?;
    if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none_or(str::is_empty) {
        return Err("must begin with http:// or https:// and name a host".into());
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("must not contain credentials; use api_key".into());
    }
    if url.fragment().is_some() {
        return Err("must not have a fragment".into());
    }
    Ok(url.as_str().trim_end_matches('/').to_owned())
}

/// The entry with what its provider's settings are in the environment.
fn completed<'a>(entry: &'a Entry, env: &Environment) -> Cow<'a, Entry> {
    let full = entry.params.get("model").and_then(Value::as_str).unwrap_or_default();
    let chosen = entry.params.get("custom_llm_provider").and_then(Value::as_str);
    let variables = provider(full, chosen).map(|(facts, _)| facts.variables).unwrap_or_default();
    let mut entry = Cow::Borrowed(entry);
    for (name, variable) in variables {
        if let Some(value) = env.get(variable).filter(|_| !entry.params.contains_key(*name)) {
            entry.to_mut().params.insert((*name).into(), value.into());
        }
    }
    entry
}

/// What the deployment's requests are signed with, if they are signed here.
fn signer(entry: &Entry, facts: &Facts, env: &Environment, faults: &mut Vec<Fault>) -> Option<Arc<Signer>> {
    if facts.auth != Auth::HttpSignature {
        return None;
    }
    let text = |name: &str| entry.params.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    let mut named = |name: &str| {
        let found = text(name);
        if found.is_none() {
            faults.push(fault(entry, name, "must be given: requests are signed in its name"));
        }
        found
    };
    let owner = [named("oci_tenancy"), named("oci_user"), named("oci_fingerprint")];
    let key = match (entry.secrets.get("oci_key"), text("oci_key_file")) {
        (Some(key), _) => Ok(key.clone()),
        (None, Some(file)) => {
            std::fs::read_to_string(file).map(Secret::new).map_err(|e| format!("{file}: {e}"))
        }
        (None, None) => env.get(facts.key_env).map(Secret::new).ok_or_else(|| "must be given".to_owned()),
    };
    let [Some(tenancy), Some(user), Some(fingerprint)] = owner else { return None };
    let signer = key.and_then(|key| Signer::new(format!("{tenancy}/{user}/{fingerprint}"), &key));
    signer.map(Arc::new).map_err(|why| faults.push(fault(entry, "oci_key", why))).ok()
}

/// The deployment's access key, or the environment's: never half of each.
fn aws(entry: &Entry, env: &Environment) -> Option<AwsKeys> {
    let given = |name: &str| entry.secrets.get(name).cloned();
    let own = given("aws_access_key_id").zip(given("aws_secret_access_key"));
    let keys = own.map(|(id, secret)| AwsKeys { id, secret, session: given("aws_session_token") });
    keys.or_else(|| {
        let found = |name: &str| env.get(name).filter(|text| !text.is_empty()).map(Secret::new);
        let (id, secret) = found("AWS_ACCESS_KEY_ID").zip(found("AWS_SECRET_ACCESS_KEY"))?;
        Some(AwsKeys { id, secret, session: found("AWS_SESSION_TOKEN") })
    })
}

/// The model's row of the price table, then what `model_info` and `litellm_params` say instead.
fn price_facts(entry: &Entry, provider: &str, model: &str) -> Map<String, Value> {
    let table = Prices::table();
    let base = entry.info.get("base_model").and_then(Value::as_str);
    let row = base.and_then(|base| table.named(base).or_else(|| table.row(provider, base)));
    let mut facts = row.or_else(|| table.row(provider, model)).unwrap_or_default();
    facts.retain(|name, _| prices::is_fact(name));
    let images = table.images(provider, base.unwrap_or(model));
    if !images.is_empty() {
        facts.insert("image_prices".into(), images.into());
    }
    let from = |map: &Map<String, Value>, facts: &mut Map<String, Value>, wanted: fn(&str) -> bool| {
        for (name, value) in map.iter().filter(|(name, value)| wanted(name) && !value.is_null()) {
            // YAML 1.2 reads `1e-6` as a text.
            let number = value.as_str().and_then(|text| text.parse::<f64>().ok());
            facts.insert(name.clone(), number.map_or_else(|| value.clone(), Value::from));
        }
    };
    from(&entry.info, &mut facts, prices::is_fact);
    from(&entry.params, &mut facts, prices::is_price);
    facts
}

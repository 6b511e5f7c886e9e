//! An issuer of tokens on loopback, and a desk to ask it from.

use super::{Access, Desk, Error, Given, Logins, Token, access};
use crate::{
    catalog::{Entry, entry::take_secrets},
    clock::Clock,
    environment::Environment,
    secret::Secret,
    vault::Vault,
};
use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode, Uri},
};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Arc, Mutex},
};
use tianji_core::providers;

/// A private key of nobody's.
pub const KEY: &str = include_str!("testing/key.pem");
/// SHA-256 of its public half, as `openssl pkey -pubout -outform DER` has it, in Base64.
pub const FINGERPRINT: &str = "PNPskQzcjWl61ZjlIKM8RZkn9mblrIqVDzMjwiUKms0=";
/// The time at the desk.
pub const NOW: i64 = 1_800_000_000;

/// A request that the issuer got.
#[derive(Debug, Clone)]
pub struct Asked {
    pub path: String,
    pub headers: HeaderMap,
    pub body: String,
}

impl Asked {
    /// The fields of a form.
    pub fn form(&self) -> BTreeMap<String, String> {
        url::form_urlencoded::parse(self.body.as_bytes()).into_owned().collect()
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

#[derive(Default)]
struct Book {
    asked: Vec<Asked>,
    answers: VecDeque<(u16, Value)>,
}

/// Answers as it is told, in order; then with tokens `token-1`, `token-2`, … of an hour.
pub struct Issuer {
    pub url: String,
    book: Arc<Mutex<Book>>,
}

impl Issuer {
    pub async fn start() -> Self {
        let book = Arc::<Mutex<Book>>::default();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let router = Router::new().fallback(answer).with_state(book.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { url, book }
    }

    /// The next answer.
    pub fn will(&self, status: u16, body: Value) {
        self.book.lock().unwrap().answers.push_back((status, body));
    }

    /// All requests so far.
    pub fn asked(&self) -> Vec<Asked> {
        self.book.lock().unwrap().asked.clone()
    }
}

async fn answer(
    State(book): State<Arc<Mutex<Book>>>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> (StatusCode, String) {
    let mut book = book.lock().unwrap();
    let body = String::from_utf8(body.to_vec()).unwrap();
    book.asked.push(Asked { path: uri.to_string(), headers, body });
    let usual = (200, json!({"access_token": format!("token-{}", book.asked.len()), "expires_in": 3600}));
    let (status, body) = book.answers.pop_front().unwrap_or(usual);
    (StatusCode::from_u16(status).unwrap(), body.to_string())
}

/// A desk whose time stands still.
pub fn desk() -> (Desk, Clock) {
    let clock = Clock::fixed(at(0));
    let logins = Logins::new("/nonexistent", Vault::new(&Secret::new("sk-master")));
    (Desk::new(clock.clone(), logins), clock)
}

/// So many seconds later.
pub fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(NOW + seconds, 0).unwrap()
}

/// How a deployment with these parameters makes itself known.
pub fn known(params: &Value, env: &[(&str, &str)]) -> Access {
    let mut params = params.as_object().unwrap().clone();
    let slug = params["model"].as_str().unwrap().split_once('/').unwrap().0.to_owned();
    let base = params.get("api_base").and_then(Value::as_str).unwrap_or("https://w.test/base").to_owned();
    let entry = Entry { secrets: take_secrets(&mut params), params, ..Entry::default() };
    let mut variables = Environment::default();
    for (name, value) in env {
        variables.set(*name, *value);
    }
    let facts = providers::find(&slug).unwrap().facts();
    access(facts, &Given::new(&entry, facts, &variables), &base)
}

/// A credential of some kind.
pub fn credential() -> super::Credential {
    known(&json!({"model": "watsonx/m", "api_key": "key-a"}), &[]).credential.unwrap()
}

/// The token that such a deployment is given.
pub async fn token(access: &Access, desk: &Desk) -> Result<Token, Error> {
    access.credential.as_ref().expect("there is a source").source.token(desk).await
}

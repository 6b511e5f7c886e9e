//! Several keys at once.

use super::{ChangedKey, changed, view};
use crate::{
    api::body::{Body, Params},
    app::App,
    auth::Admin,
    error::{Error, Result},
    keys,
};
use aide::axum::{
    ApiRouter,
    routing::{get_with, post_with},
};
use axum::{Json, extract::State};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

pub fn router() -> ApiRouter<Arc<App>> {
    ApiRouter::new()
        .api_route("/v2/key/info", post_with(info, |op| op.tag("keys").summary("Keys, by key or hash.")))
        .api_route(
            "/key/bulk_update",
            post_with(update, |op| op.tag("keys").summary("Change up to 500 keys; each is told for itself.")),
        )
        .api_route(
            "/key/aliases",
            get_with(aliases, |op| op.tag("keys").summary("A page of the aliases in use.")),
        )
}

/// `POST /v2/key/info`
#[derive(Deserialize, JsonSchema)]
struct ByKeys {
    /// Keys or their hashes.
    #[schemars(length(min = 1, max = 1000), inner(length(max = 100)))]
    keys: Vec<String>,
}

/// Those there are.
#[derive(Serialize, JsonSchema)]
struct Infos {
    /// As they were named in the request.
    key: Vec<String>,
    info: Vec<view::Row>,
}

async fn info(_: Admin, State(app): State<Arc<App>>, Body(asked): Body<ByKeys>) -> Result<Json<Infos>> {
    let mut info = Vec::new();
    for key in &asked.keys {
        info.extend(app.store.key(&keys::hash_of(key)).await?.map(view::Row::new));
    }
    Ok(Json(Infos { key: asked.keys, info }))
}

/// `POST /key/bulk_update`
#[derive(Deserialize, JsonSchema)]
struct Changes {
    #[schemars(length(min = 1, max = 500))]
    keys: Vec<ChangedKey>,
}

/// How it went.
#[derive(Serialize, JsonSchema)]
struct Outcomes {
    total_requested: usize,
    successful_updates: Vec<Success>,
    failed_updates: Vec<Failure>,
}

#[derive(Serialize, JsonSchema)]
struct Success {
    key: String,
    key_info: view::Changed,
}

#[derive(Serialize, JsonSchema)]
struct Failure {
    key: String,
    failed_reason: String,
}

async fn update(
    Admin(by): Admin,
    State(app): State<Arc<App>>,
    Body(asked): Body<Changes>,
) -> Result<Json<Outcomes>> {
    let total_requested = asked.keys.len();
    let (mut successful_updates, mut failed_updates) = (Vec::new(), Vec::new());
    for change in asked.keys {
        let key = change.key.clone().or_else(|| change.alias().map(str::to_owned)).unwrap_or_default();
        match changed(&app, change, &by).await {
            Ok(key_info) => successful_updates.push(Success { key, key_info }),
            // What is wrong with the machine is wrong with all of them.
            Err(error @ (Error::Database(_) | Error::Internal(_))) => return Err(error),
            Err(error) => failed_updates.push(Failure { key, failed_reason: error.to_string() }),
        }
    }
    Ok(Json(Outcomes { total_requested, successful_updates, failed_updates }))
}

/// Which aliases.
#[derive(Deserialize, JsonSchema)]
#[serde(default)]
struct Query {
    /// From 1.
    #[schemars(range(min = 1, max = 1_000_000))]
    page: i64,
    /// Aliases per page.
    #[schemars(range(min = 1, max = 100))]
    size: i64,
    /// A part of the alias.
    #[schemars(length(max = 256))]
    search: String,
}

impl Default for Query {
    fn default() -> Self {
        Self { page: 1, size: 50, search: String::new() }
    }
}

/// One page.
#[derive(Serialize, JsonSchema)]
struct Aliases {
    aliases: Vec<String>,
    total_count: i64,
    current_page: i64,
    total_pages: i64,
    size: i64,
}

async fn aliases(
    _: Admin,
    State(app): State<Arc<App>>,
    Params(query): Params<Query>,
) -> Result<Json<Aliases>> {
    let offset = (query.page - 1) * query.size;
    let (aliases, total_count) = app.store.key_aliases(&query.search, offset, query.size).await?;
    let total_pages = (total_count + query.size - 1) / query.size;
    Ok(Json(Aliases { aliases, total_count, current_page: query.page, total_pages, size: query.size }))
}

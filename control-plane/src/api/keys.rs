//! Virtual keys: make, show, change, list, block, delete.

mod fields;
mod list;
mod rotate;
mod several;
mod view;

use super::{
    body::{Body, Params},
    budgets, parties,
};
use crate::{
    app::App,
    auth::{Admin, Caller},
    error::{Error, Result},
    keys,
    secret::Secret,
    store::{
        keys::Key,
        parties::Kind,
        writes::{By, Write},
    },
};
use aide::axum::{
    ApiRouter,
    routing::{get_with, post_with},
};
use axum::{Json, extract::State};
use fields::{ByKey, ChangedKey, DeletedKeys, NewKey, later};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, sync::Arc};
pub use view::Row;
use view::{Generated, Info};

/// Attempts to write a key that others change too.
const ATTEMPTS: usize = 5;

pub(super) fn router() -> ApiRouter<Arc<App>> {
    ApiRouter::new()
        .api_route("/key/generate", post_with(generate, |op| op.tag("keys").summary("Make a key.")))
        .api_route(
            "/key/info",
            get_with(info, |op| {
                op.tag("keys")
                    .summary("One key; without `key`, the caller's own. A virtual key may ask for itself.")
            }),
        )
        .api_route(
            "/key/update",
            post_with(update, |op| {
                op.tag("keys").summary("Change what is given of a key; `null` clears, what is absent stays.")
            }),
        )
        .api_route(
            "/key/delete",
            post_with(delete, |op| op.tag("keys").summary("Delete keys, by key, hash or alias.")),
        )
        .api_route(
            "/key/service-account/generate",
            post_with(generate_service, |op| {
                op.tag("keys").summary("Make a key of a team that is nobody's own.")
            }),
        )
        .api_route("/key/list", get_with(list::list, |op| op.tag("keys").summary("A page of the keys.")))
        .api_route(
            "/key/block",
            post_with(block, |op| op.tag("keys").summary("Refuse a key until it is unblocked.")),
        )
        .api_route(
            "/key/unblock",
            post_with(unblock, |op| op.tag("keys").summary("Let a blocked key in again.")),
        )
        .merge(rotate::router())
        .merge(several::router())
}

async fn generate(
    Admin(by): Admin,
    State(app): State<Arc<App>>,
    Body(new): Body<NewKey>,
) -> Result<Json<Generated>> {
    made(&app, new, &by).await
}

async fn generate_service(
    Admin(by): Admin,
    State(app): State<Arc<App>>,
    Body(new): Body<NewKey>,
) -> Result<Json<Generated>> {
    let team = new.team().ok_or_else(|| {
        let message =
            "team_id is required for service account keys. Please specify `team_id` in the request body.";
        Error::invalid("team_id", message)
    })?;
    parties::find(&app, Kind::Team, team, "team_id").await?;
    if new.has_user() {
        return Err(Error::invalid("user_id", "a service account's key belongs to its team and to no user"));
    }
    made(&app, new, &by).await
}

async fn made(app: &App, new: NewKey, by: &By) -> Result<Json<Generated>> {
    let (plain, key) = new.into_key(by.at, &by.who)?;
    budget_exists(app, &key).await?;
    alias_is_free(app, &key).await?;
    // The hash may be known as unknown, or as deleted, to those who were asked for it before: they are told.
    match app.write(&[Write::InsertKey(key.clone())], by).await {
        Err(sqlx::Error::Database(e)) if e.is_unique_violation() => Err(twin(app, &key).await?),
        other => Ok(other?),
    }?;
    Ok(Json(Generated::new(&plain, key)))
}

/// A key is limited by a budget that is there.
async fn budget_exists(app: &App, key: &Key) -> Result<()> {
    if let Some(id) = &key.budget_id {
        budgets::find(app, id).await?;
    }
    Ok(())
}

/// A new random key with these settings, as `/key/generate` takes them.
pub(super) fn new_key(settings: serde_json::Value, by: &By) -> Result<(Secret, Key)> {
    let new: NewKey = serde_json::from_value(settings).map_err(|error| Error::Internal(error.into()))?;
    new.into_key(by.at, &by.who)
}

async fn info(
    caller: Caller,
    State(app): State<Arc<App>>,
    Params(query): Params<ByKeyQuery>,
) -> Result<Json<Info>> {
    let now = app.clock.now();
    match (caller, query.key) {
        (Caller::Key(own), None) => Ok(Json(Info::new(own.token.clone(), *own, now))),
        (Caller::Key(own), Some(asked)) if keys::hash_of(&asked) == own.token => {
            Ok(Json(Info::new(asked, *own, now)))
        }
        (Caller::Key(_), Some(_)) => Err(Error::NotYours),
        (Caller::Admin, asked) => {
            let asked = asked.unwrap_or_else(|| app.master_hash().to_owned());
            let found = app.store.key(&keys::hash_of(&asked)).await?;
            let key =
                found.ok_or(Error::NotFound { message: "Key not found in database".into(), param: "key" })?;
            Ok(Json(Info::new(asked, key, now)))
        }
    }
}

#[derive(Deserialize, JsonSchema)]
struct ByKeyQuery {
    /// The key or, better, its SHA-256: queries end up in logs.
    #[schemars(length(max = 100))]
    key: Option<String>,
}

async fn update(
    Admin(by): Admin,
    State(app): State<Arc<App>>,
    Body(change): Body<ChangedKey>,
) -> Result<Json<view::Changed>> {
    Ok(Json(changed(&app, change, &by).await?))
}

async fn changed(app: &App, change: ChangedKey, by: &By) -> Result<view::Changed> {
    for _ in 0..ATTEMPTS {
        let before = to_change(app, &change).await?;
        let after = change.applied(before.clone(), by.at)?;
        if after.budget_id != before.budget_id {
            budget_exists(app, &after).await?;
        }
        if after.key_alias != before.key_alias {
            alias_is_free(app, &after).await?;
        }
        let writes = [Write::UpdateKey(Box::new((before, after.clone())))];
        let done = match app.write(&writes, by).await {
            Err(sqlx::Error::Database(e)) if e.is_unique_violation() => return Err(twin(app, &after).await?),
            other => other?,
        };
        if done {
            return Ok(view::Changed::new(change.key.unwrap_or_else(|| after.token.clone()), after));
        }
    }
    Err(Error::Conflict)
}

async fn to_change(app: &App, change: &ChangedKey) -> Result<Key> {
    if let Some(key) = &change.key {
        return found(app.store.key(&keys::hash_of(key)).await?, "key");
    }
    let alias =
        change.alias().ok_or_else(|| Error::invalid("key", "either key or key_alias must be provided"))?;
    let message = format!("Key not found. No key with key_alias='{alias}'.");
    app.store.key_by_alias(alias).await?.ok_or(Error::NotFound { message, param: "key_alias" })
}

fn found(key: Option<Key>, param: &'static str) -> Result<Key> {
    key.ok_or(Error::NotFound { message: "Key not found.".into(), param })
}

async fn alias_is_free(app: &App, key: &Key) -> Result<()> {
    let Some(alias) = &key.key_alias else { return Ok(()) };
    match app.store.key_by_alias(alias).await? {
        Some(other) if other.token != key.token => Err(alias_taken(alias)),
        _ => Ok(()),
    }
}

fn alias_taken(alias: &str) -> Error {
    let message =
        format!("Key with alias '{alias}' already exists. Unique key aliases across all keys are required.");
    Error::Invalid(vec![crate::fault::Fault { path: "key_alias".into(), message }])
}

/// Why a key could not be written: its hash or its alias is another's.
async fn twin(app: &App, key: &Key) -> Result<Error> {
    Ok(match &key.key_alias {
        Some(alias) if app.store.key_by_alias(alias).await?.is_some() => alias_taken(alias),
        _ => Error::invalid("key", "this key exists already"),
    })
}

async fn delete(
    Admin(by): Admin,
    State(app): State<Arc<App>>,
    Body(asked): Body<DeletedKeys>,
) -> Result<Json<Deleted>> {
    let keys = asked.keys.filter(|keys| !keys.is_empty());
    let aliases = asked.key_aliases.filter(|aliases| !aliases.is_empty());
    // By hash, what it was called in the request: in order, so that two of these never wait for each other.
    let mut named = BTreeMap::new();
    match (keys, aliases) {
        (Some(keys), _) => {
            for name in keys {
                if let Some(key) = app.store.key(&keys::hash_of(&name)).await? {
                    named.insert(key.token.clone(), (key, name));
                }
            }
        }
        (None, Some(aliases)) => {
            for alias in aliases {
                if let Some(key) = app.store.key_by_alias(&alias).await? {
                    named.insert(key.token.clone(), (key, alias));
                }
            }
        }
        (None, None) => return Err(Error::invalid("keys", "either keys or key_aliases must be provided")),
    }
    if named.is_empty() {
        return Err(Error::NotFound { message: "No keys found".into(), param: "keys" });
    }
    let writes: Vec<_> = named.values().map(|(key, _)| Write::DeleteKey(key.clone())).collect();
    if !app.write(&writes, &by).await? {
        return Err(Error::Conflict);
    }
    Ok(Json(Deleted { deleted_keys: named.into_values().map(|(_, name)| name).collect() }))
}

#[derive(Serialize, JsonSchema)]
struct Deleted {
    /// Those there were, as they were named in the request.
    deleted_keys: Vec<String>,
}

async fn block(Admin(by): Admin, State(app): State<Arc<App>>, Body(asked): Body<ByKey>) -> Result<Json<Row>> {
    set_blocked(&app, &by, &asked, true).await
}

async fn unblock(
    Admin(by): Admin,
    State(app): State<Arc<App>>,
    Body(asked): Body<ByKey>,
) -> Result<Json<Row>> {
    set_blocked(&app, &by, &asked, false).await
}

async fn set_blocked(app: &App, by: &By, asked: &ByKey, blocked: bool) -> Result<Json<Row>> {
    let token = keys::hash_of(&asked.key);
    for _ in 0..ATTEMPTS {
        let before = found(app.store.key(&token).await?, "key")?;
        let after = Key { blocked, updated_at: later(&before, by.at), ..before.clone() };
        if app.write(&[Write::UpdateKey(Box::new((before, after.clone())))], by).await? {
            return Ok(Json(Row::new(after)));
        }
    }
    Err(Error::Conflict)
}

//! A new key in place of an old one, and a new beginning for what it spent.

use super::{ATTEMPTS, ChangedKey, Generated, alias_is_free, budget_exists, found, later};
use crate::{
    api::{body::Body, patch::money},
    app::App,
    auth::Admin,
    error::{Error, Result},
    keys,
    secret::Secret,
    store::{
        keys::Key,
        writes::{By, Write},
    },
};
use aide::axum::{ApiRouter, routing::post_with};
use axum::{
    Json,
    extract::{Path, State},
};
use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

pub fn router() -> ApiRouter<Arc<App>> {
    ApiRouter::new()
        .api_route(
            "/key/regenerate",
            post_with(regenerate, |op| {
                op.tag("keys")
                    .summary("A new key with the settings and the spend of an old one, which ends at once.")
            }),
        )
        .api_route(
            "/key/{key}/regenerate",
            post_with(regenerate_named, |op| {
                op.tag("keys").summary("The same, the key (better its hash) in the path.")
            }),
        )
        .api_route(
            "/key/{key}/reset_spend",
            post_with(reset_spend, |op| {
                op.tag("keys").summary("Set what a key has spent to a smaller amount.")
            }),
        )
}

/// `POST /key/regenerate`
#[derive(Deserialize, JsonSchema)]
struct Regeneration {
    /// The new key, if it should not be a random one.
    #[schemars(length(max = 100))]
    new_key: Option<String>,
    /// How long the old key lives on. Only `0s`, the default, is possible yet.
    #[schemars(length(max = 32))]
    grace_period: Option<String>,
    /// What is given beside is changed of the new key.
    #[serde(flatten)]
    change: ChangedKey,
}

async fn regenerate(
    Admin(by): Admin,
    State(app): State<Arc<App>>,
    Body(asked): Body<Regeneration>,
) -> Result<Json<Generated>> {
    let named = asked.change.key.clone();
    let named = named.ok_or_else(|| Error::invalid("key", "No key passed in to regenerate"))?;
    regenerated(&app, &named, asked, &by).await
}

async fn regenerate_named(
    Admin(by): Admin,
    State(app): State<Arc<App>>,
    Path(named): Path<String>,
    Body(asked): Body<Regeneration>,
) -> Result<Json<Generated>> {
    regenerated(&app, &named, asked, &by).await
}

async fn regenerated(app: &App, named: &str, asked: Regeneration, by: &By) -> Result<Json<Generated>> {
    if asked.grace_period.as_deref().is_some_and(|period| !matches!(period, "" | "0" | "0s")) {
        return Err(Error::invalid(
            "grace_period",
            "an old key cannot live on beside its new one yet; use 0s",
        ));
    }
    if asked.new_key.as_deref().is_some_and(|key| !keys::is_well_formed(key)) {
        let message =
            "Invalid key format. It must start with 'sk-' and go on with letters, digits, '-' or '_'";
        return Err(Error::invalid("new_key", message));
    }
    let plain = asked.new_key.map_or_else(keys::generate, |key| Ok(Secret::new(key)))?;
    for _ in 0..ATTEMPTS {
        let before = found(app.store.key(&keys::hash_of(named)).await?, "key")?;
        let settings = asked.change.applied(before.clone(), by.at)?;
        budget_exists(app, &settings).await?;
        if settings.key_alias != before.key_alias {
            alias_is_free(app, &settings).await?;
        }
        let token = keys::hash(plain.expose());
        let after = Key { token, key_name: keys::name(plain.expose()), ..settings };
        if after.token == before.token || app.store.key(&after.token).await?.is_some() {
            return Err(Error::invalid("new_key", "this key exists already"));
        }
        // The update is there to notice that somebody else has changed the key meanwhile.
        let touched = Key { updated_at: later(&before, by.at), ..before.clone() };
        let writes = [
            Write::UpdateKey(Box::new((before, touched.clone()))),
            Write::DeleteKey(touched),
            Write::InsertKey(after.clone()),
        ];
        if app.write(&writes, by).await? {
            return Ok(Json(Generated::new(&plain, after)));
        }
    }
    Err(Error::Conflict)
}

/// `POST /key/{key}/reset_spend`
#[derive(Deserialize, JsonSchema)]
struct Reset {
    /// US dollars: not more than was spent.
    reset_to: f64,
}

/// What a key has spent now.
#[derive(Serialize, JsonSchema)]
struct WasReset {
    /// Hexadecimal SHA-256 of the key.
    key_hash: String,
    spend: f64,
    previous_spend: f64,
    max_budget: Option<f64>,
    budget_reset_at: Option<DateTime<Utc>>,
}

async fn reset_spend(
    Admin(by): Admin,
    State(app): State<Arc<App>>,
    Path(named): Path<String>,
    Body(asked): Body<Reset>,
) -> Result<Json<WasReset>> {
    let mut faults = Vec::new();
    money("reset_to", Some(asked.reset_to), &mut faults);
    if !faults.is_empty() {
        return Err(Error::Invalid(faults));
    }
    for _ in 0..ATTEMPTS {
        let before = found(app.store.key(&keys::hash_of(&named)).await?, "key")?;
        if asked.reset_to > before.spend {
            let message =
                format!("reset_to ({}) must be <= current spend ({})", asked.reset_to, before.spend);
            return Err(Error::invalid("reset_to", message));
        }
        let after = Key { spend: asked.reset_to, updated_at: later(&before, by.at), ..before.clone() };
        let answer = WasReset {
            key_hash: after.token.clone(),
            spend: after.spend,
            previous_spend: before.spend,
            max_budget: after.max_budget,
            budget_reset_at: after.budget_reset_at,
        };
        if app.write(&[Write::UpdateKey(Box::new((before, after)))], &by).await? {
            return Ok(Json(answer));
        }
    }
    Err(Error::Conflict)
}

//! `GET /key/list`

use super::view::Row;
use crate::{
    api::body::Params,
    app::App,
    auth::Admin,
    error::{Error, Result},
    fault::Fault,
    keys,
    store::keys::{Filter, Page, Sort},
};
use axum::{Json, extract::State};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// What to list.
#[derive(Deserialize, JsonSchema)]
#[serde(default)]
pub(super) struct Query {
    /// From 1.
    #[schemars(range(min = 1, max = 1_000_000))]
    page: i64,
    /// Keys per page.
    #[schemars(range(min = 1, max = 100))]
    size: i64,
    #[schemars(length(max = 256))]
    user_id: Option<String>,
    #[schemars(length(max = 256))]
    team_id: Option<String>,
    #[schemars(length(max = 256))]
    organization_id: Option<String>,
    #[schemars(length(max = 100))]
    key_hash: Option<String>,
    #[schemars(length(max = 256))]
    key_alias: Option<String>,
    /// The hash, or a part of the alias.
    #[schemars(length(max = 256))]
    search: Option<String>,
    /// `key_alias` and `user_id` match as parts, in any case.
    substring_matching: bool,
    /// Whole keys instead of hashes.
    return_full_object: bool,
    /// `spend`, `max_budget`, `created_at`, `updated_at`, `token` or `key_alias`.
    #[schemars(length(max = 32))]
    sort_by: Option<String>,
    /// `asc` or `desc`.
    #[schemars(length(max = 8))]
    sort_order: String,
    /// `active`, `expired`, `revoked` or `deleted`.
    #[schemars(length(max = 16))]
    status: Option<String>,
    /// `active` or `expired`.
    #[schemars(length(max = 16))]
    expires: Option<String>,
}

impl Default for Query {
    fn default() -> Self {
        Self {
            page: 1,
            size: 10,
            user_id: None,
            team_id: None,
            organization_id: None,
            key_hash: None,
            key_alias: None,
            search: None,
            substring_matching: false,
            return_full_object: false,
            sort_by: None,
            sort_order: "desc".into(),
            status: None,
            expires: None,
        }
    }
}

/// One page.
#[derive(Serialize, JsonSchema)]
pub(super) struct Listing {
    keys: Vec<Listed>,
    total_count: i64,
    current_page: i64,
    total_pages: i64,
}

/// A key in a list.
#[derive(Serialize, JsonSchema)]
#[serde(untagged)]
enum Listed {
    /// Its hash.
    Hash(String),
    /// All of it, with `return_full_object`.
    Row(Box<Row>),
}

pub(super) async fn list(
    _: Admin,
    State(app): State<Arc<App>>,
    Params(query): Params<Query>,
) -> Result<Json<Listing>> {
    let (page, filter) = query.read()?;
    let deleted = query.status.as_deref() == Some("deleted");
    // Nothing is kept of deleted keys but what they spent.
    let (keys, total) =
        if deleted { (Vec::new(), 0) } else { app.store.keys(&filter, page, app.clock.now()).await? };
    let shown = |key: crate::store::keys::Key| {
        if query.return_full_object { Listed::Row(Box::new(Row::new(key))) } else { Listed::Hash(key.token) }
    };
    Ok(Json(Listing {
        keys: keys.into_iter().map(shown).collect(),
        total_count: total,
        current_page: query.page,
        total_pages: (total + query.size - 1) / query.size,
    }))
}

impl Query {
    /// What the query means, or all that is wrong with it.
    fn read(&self) -> Result<(Page, Filter)> {
        let mut faults = Vec::new();
        let mut fault = |name: &str, message: &str| faults.push(Fault::new(name, message));
        let by = self.sort_by.as_deref().unwrap_or("created_at");
        let sort = Sort::ALL.into_iter().find(|(name, _)| *name == by).map(|(_, sort)| sort);
        if sort.is_none() {
            let names = Sort::ALL.map(|(name, _)| name).join(", ");
            fault("sort_by", &format!("Invalid sort column. Must be one of: {names}"));
        }
        let order = self.sort_order.to_ascii_lowercase();
        if !matches!(order.as_str(), "asc" | "desc") {
            fault("sort_order", "Invalid sort order. Must be 'asc' or 'desc'");
        }
        let (blocked, expired) = match self.status.as_deref() {
            None | Some("deleted") => (None, None),
            Some("active") => (Some(false), Some(false)),
            Some("expired") => (Some(false), Some(true)),
            Some("revoked") => (Some(true), None),
            Some(_) => {
                fault(
                    "status",
                    "Invalid status value. Supported: 'active', 'expired', 'revoked', 'deleted'.",
                );
                (None, None)
            }
        };
        let expired = match self.expires.as_deref() {
            None => expired,
            Some("active") if expired != Some(true) => Some(false),
            Some("expired") if expired != Some(false) => Some(true),
            Some("active" | "expired") => {
                fault("expires", "status and expires contradict each other");
                None
            }
            Some(_) => {
                fault("expires", "Invalid expires value. Supported: 'active', 'expired'.");
                None
            }
        };
        let (Some(sort), true) = (sort, faults.is_empty()) else { return Err(Error::Invalid(faults)) };
        let page =
            Page { offset: (self.page - 1) * self.size, limit: self.size, sort, descending: order == "desc" };
        let given = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
        let filter = Filter {
            user_id: given(&self.user_id),
            team_id: given(&self.team_id),
            organization_id: given(&self.organization_id),
            key_alias: given(&self.key_alias),
            token: given(&self.key_hash).map(|hash| keys::hash_of(&hash)),
            search: given(&self.search),
            substring: self.substring_matching,
            blocked,
            expired,
        };
        Ok((page, filter))
    }
}

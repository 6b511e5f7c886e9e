//! Customers: whom clients' requests are for, LiteLLM's end users. Each path has two names.

use super::{
    body::{Body, Params},
    budgets,
    organizations::link,
    parties::{ATTEMPTS, Extras, Paging, Settings, changed, find, missing, shown, update as updated, write},
    patch::{Patch, filled, present, printable, set},
};
use crate::{
    app::App,
    auth::Admin,
    error::{Error, Result},
    store::{
        parties::{Filter, Kind, Party},
        writes::{By, Write},
    },
};
use aide::axum::{
    ApiRouter,
    routing::{ApiMethodRouter, get_with, post_with},
};
use axum::{Json, extract::State};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::sync::Arc;

/// Kept and shown, not acted on yet.
const EXTRAS: Extras = &[
    ("allowed_model_region", "null"),
    ("default_model", "null"),
    ("model_max_budget", "null"),
    ("object_permission", "null"),
    ("tpd_limit", "null"),
];

pub(super) fn router() -> ApiRouter<Arc<App>> {
    let mut router = ApiRouter::new();
    for name in ["customer", "end_user"] {
        let operations: [(&str, ApiMethodRouter<Arc<App>>); 7] = [
            ("new", post_with(create, |op| op.tag("customers").summary("Make a customer."))),
            ("info", get_with(info, |op| op.tag("customers").summary("A customer."))),
            (
                "update",
                post_with(update, |op| op.tag("customers").summary("Change what is given of a customer.")),
            ),
            ("delete", post_with(delete, |op| op.tag("customers").summary("Delete customers."))),
            ("list", get_with(list, |op| op.tag("customers").summary("The customers."))),
            (
                "block",
                post_with(block, |op| op.tag("customers").summary("Refuse requests for these customers.")),
            ),
            ("unblock", post_with(unblock, |op| op.tag("customers").summary("Let them in again."))),
        ];
        for (action, operation) in operations {
            router = router.api_route(&format!("/{name}/{action}"), operation);
        }
    }
    router
}

/// `POST /customer/new`, `POST /customer/update`
#[derive(Deserialize, JsonSchema)]
struct Given {
    /// As clients name it: `user`.
    #[schemars(length(min = 1, max = 256))]
    user_id: String,
    #[serde(default)]
    #[serde(deserialize_with = "present")]
    #[schemars(length(max = 256))]
    alias: Patch<String>,
    /// A budget that is there, instead of limits.
    #[schemars(length(max = 256))]
    budget_id: Option<String>,
    #[serde(flatten)]
    settings: Settings,
}

/// A customer as it is shown.
#[derive(Serialize, JsonSchema)]
struct Customer {
    user_id: String,
    alias: Option<String>,
    blocked: bool,
    /// US dollars in the current budget period.
    spend: f64,
    /// Empty for all.
    models: Vec<String>,
    budget_id: Option<String>,
    litellm_budget_table: Option<budgets::Row>,
    /// Further fields of LiteLLM's.
    #[serde(flatten)]
    extra: Map<String, Value>,
}

impl Customer {
    async fn of(app: &App, row: Party) -> Result<Self> {
        let budget = match &row.budget_id {
            Some(id) => app.store.budget(id).await?,
            None => None,
        };
        Ok(Self {
            user_id: row.id,
            alias: row.alias,
            blocked: row.blocked,
            spend: row.spend,
            models: row.models.0,
            budget_id: row.budget_id,
            litellm_budget_table: budget.map(Into::into),
            extra: shown(EXTRAS, row.extra.0),
        })
    }
}

/// What becomes of `before`, and the writes of budgets that belong to it.
async fn applied(app: &App, before: &Party, given: &Given, by: &By) -> Result<(Party, Vec<Write>)> {
    let mut settings = given.settings.clone();
    let limits = std::mem::take(&mut settings.limits);
    if limits.max_budget.flatten().is_some() && given.budget_id.is_some() {
        return Err(Error::invalid("max_budget", "Set either 'max_budget' or 'budget_id', not both."));
    }
    let mut after = changed(before, by, |row, faults| {
        printable("user_id", Some(&given.user_id), faults);
        printable("alias", given.alias.as_ref().and_then(Option::as_deref), faults);
        set(&mut row.alias, given.alias.clone().map(filled));
        settings.apply(row, EXTRAS, by.at, faults);
    })?;
    let writes = link(app, &mut after, given.budget_id.clone(), limits, by).await?;
    Ok((after, writes))
}

async fn create(
    Admin(by): Admin,
    State(app): State<Arc<App>>,
    Body(new): Body<Given>,
) -> Result<Json<Customer>> {
    let blank = Party::new(Kind::Customer, &new.user_id, by.at, &by.who);
    let (row, mut writes) = applied(&app, &blank, &new, &by).await?;
    writes.push(Write::InsertParty(row.clone()));
    let message = format!("Customer already exists, passed user_id={}. Please pass a new user_id.", row.id);
    write(&app, &writes, &by, || Error::invalid("user_id", message)).await?;
    Ok(Json(Customer::of(&app, row).await?))
}

#[derive(Deserialize, JsonSchema)]
struct ById {
    #[schemars(length(min = 1, max = 256))]
    end_user_id: String,
}

async fn info(_: Admin, State(app): State<Arc<App>>, Params(query): Params<ById>) -> Result<Json<Customer>> {
    let row = find(&app, Kind::Customer, &query.end_user_id, "end_user_id").await?;
    Ok(Json(Customer::of(&app, row).await?))
}

async fn update(
    Admin(by): Admin,
    State(app): State<Arc<App>>,
    Body(change): Body<Given>,
) -> Result<Json<Customer>> {
    for _ in 0..ATTEMPTS {
        let before = find(&app, Kind::Customer, &change.user_id, "user_id").await?;
        let (after, mut writes) = applied(&app, &before, &change, &by).await?;
        writes.push(updated(before, after.clone()));
        match write(&app, &writes, &by, || Error::Conflict).await {
            Err(Error::Conflict) => {}
            other => {
                other?;
                return Ok(Json(Customer::of(&app, after).await?));
            }
        }
    }
    Err(Error::Conflict)
}

/// `POST /customer/delete`, `POST /customer/block`, `POST /customer/unblock`
#[derive(Deserialize, JsonSchema)]
struct ByIds {
    #[schemars(length(min = 1, max = 1000), inner(length(min = 1, max = 256)))]
    user_ids: Vec<String>,
}

/// What was deleted.
#[derive(Serialize, JsonSchema)]
struct Deleted {
    deleted_customers: usize,
    message: String,
}

async fn delete(
    Admin(by): Admin,
    State(app): State<Arc<App>>,
    Body(asked): Body<ByIds>,
) -> Result<Json<Deleted>> {
    let mut ids = asked.user_ids;
    ids.sort();
    ids.dedup();
    let mut writes = Vec::new();
    for id in &ids {
        let row = app.store.party(Kind::Customer, id, "").await?;
        writes.push(Write::DeleteParty(row.ok_or_else(|| missing(Kind::Customer, id, "user_ids"))?));
    }
    write(&app, &writes, &by, || Error::Conflict).await?;
    let message = format!("Successfully deleted customers with ids: {}", ids.join(", "));
    Ok(Json(Deleted { deleted_customers: ids.len(), message }))
}

/// What to list.
#[derive(Deserialize, JsonSchema)]
struct Query {
    /// A part of the id.
    #[schemars(length(max = 256))]
    search: Option<String>,
    #[serde(flatten)]
    paging: Paging,
}

async fn list(
    _: Admin,
    State(app): State<Arc<App>>,
    Params(query): Params<Query>,
) -> Result<Json<Vec<Customer>>> {
    let page = query.paging.read(&[("user_id", "id")])?;
    let filter = Filter { id_part: query.search, ..Filter::default() };
    let (found, _) = app.store.parties(Kind::Customer, &filter, page).await?;
    let mut rows = Vec::new();
    for row in found {
        rows.push(Customer::of(&app, row).await?);
    }
    Ok(Json(rows))
}

/// Those that are blocked, or let in again.
#[derive(Serialize, JsonSchema)]
struct Blocked {
    blocked_users: Vec<Customer>,
}

async fn block(
    Admin(by): Admin,
    State(app): State<Arc<App>>,
    Body(asked): Body<ByIds>,
) -> Result<Json<Blocked>> {
    Ok(Json(Blocked { blocked_users: set_blocked(&app, &by, asked, true).await? }))
}

async fn unblock(
    Admin(by): Admin,
    State(app): State<Arc<App>>,
    Body(asked): Body<ByIds>,
) -> Result<Json<Blocked>> {
    set_blocked(&app, &by, asked, false).await?;
    Ok(Json(Blocked { blocked_users: Vec::new() }))
}

/// Blocks customers or lets them in again; one that nobody has heard of is made by it.
async fn set_blocked(app: &App, by: &By, asked: ByIds, blocked: bool) -> Result<Vec<Customer>> {
    let mut ids = asked.user_ids;
    ids.sort();
    ids.dedup();
    let (mut writes, mut rows) = (Vec::new(), Vec::new());
    for id in &ids {
        let known = app.store.party(Kind::Customer, id, "").await?;
        let before = known.clone().unwrap_or_else(|| Party::new(Kind::Customer, id, by.at, &by.who));
        let after = changed(&before, by, |row, faults| {
            printable("user_ids", Some(id), faults);
            row.blocked = blocked;
        })?;
        rows.push(after.clone());
        writes.push(if known.is_some() { updated(before, after) } else { Write::InsertParty(after) });
    }
    write(app, &writes, by, || Error::Conflict).await?;
    let mut shown = Vec::new();
    for row in rows {
        shown.push(Customer::of(app, row).await?);
    }
    Ok(shown)
}

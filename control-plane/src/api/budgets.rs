//! Budgets: limits that users' memberships, organizations, customers, tags and keys can share.

use super::{
    body::{Body, Params},
    parties::{Extras, Paging, keep, later, new_id, shown, write},
    patch::{Limits, printable},
};
use crate::{
    app::App,
    auth::Admin,
    error::{Error, Result},
    store::{
        budgets::Budget,
        parties::Bounds,
        writes::{By, Write},
    },
};
use aide::axum::{
    ApiRouter,
    routing::{get_with, post_with},
};
use axum::{Json, extract::State};
use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use sqlx::types::Json as Column;
use std::sync::Arc;

const EXTRAS: Extras = &[("allowed_models", "[]"), ("model_max_budget", "null"), ("tpd_limit", "null")];

pub(super) fn router() -> ApiRouter<Arc<App>> {
    ApiRouter::new()
        .api_route("/budget/new", post_with(create, |op| op.tag("budgets").summary("Make a budget.")))
        .api_route(
            "/budget/update",
            post_with(update, |op| {
                op.tag("budgets").summary("Change what is given of a budget, for all that have it.")
            }),
        )
        .api_route("/budget/info", post_with(info, |op| op.tag("budgets").summary("Budgets, by their ids.")))
        .api_route(
            "/budget/settings",
            get_with(settings, |op| op.tag("budgets").summary("A budget's fields, as a form shows them.")),
        )
        .api_route(
            "/budget/list",
            get_with(list, |op| op.tag("budgets").summary("All budgets, oldest first.")),
        )
        .api_route(
            "/budget/delete",
            post_with(delete, |op| {
                op.tag("budgets").summary("Delete a budget; who had it is not limited by it any more.")
            }),
        )
}

/// `POST /budget/new`, `POST /budget/update`
#[derive(Deserialize, JsonSchema)]
struct Given {
    #[schemars(length(max = 256))]
    budget_id: Option<String>,
    #[serde(flatten)]
    limits: Limits,
    #[serde(flatten)]
    rest: Map<String, Value>,
}

/// A budget as it is shown.
#[derive(Serialize, JsonSchema)]
pub struct Row {
    budget_id: String,
    max_budget: Option<f64>,
    soft_budget: Option<f64>,
    budget_duration: Option<String>,
    budget_reset_at: Option<DateTime<Utc>>,
    rpm_limit: Option<i64>,
    tpm_limit: Option<i64>,
    max_parallel_requests: Option<i64>,
    created_at: DateTime<Utc>,
    created_by: String,
    updated_at: DateTime<Utc>,
    updated_by: String,
    /// Further fields of LiteLLM's.
    #[serde(flatten)]
    extra: Map<String, Value>,
}

impl From<Budget> for Row {
    fn from(budget: Budget) -> Self {
        let bounds = budget.bounds;
        Self {
            budget_id: budget.budget_id,
            max_budget: bounds.max_budget,
            soft_budget: bounds.soft_budget,
            budget_duration: bounds.budget_duration,
            budget_reset_at: budget.budget_reset_at,
            rpm_limit: bounds.rpm_limit,
            tpm_limit: bounds.tpm_limit,
            max_parallel_requests: bounds.max_parallel_requests,
            created_at: budget.created_at,
            created_by: budget.created_by,
            updated_at: budget.updated_at,
            updated_by: budget.updated_by,
            extra: shown(EXTRAS, budget.extra.0),
        }
    }
}

/// A budget with these limits, under this id or a random one.
pub fn budget(id: Option<String>, limits: Limits, by: &By) -> Result<Budget> {
    let mut faults = Vec::new();
    printable("budget_id", id.as_deref(), &mut faults);
    let mut budget = Budget {
        budget_id: new_id(id)?,
        bounds: Bounds::default(),
        budget_reset_at: None,
        extra: Column(Map::new()),
        created_at: by.at,
        created_by: by.who.clone(),
        updated_at: by.at,
        updated_by: by.who.clone(),
    };
    limits.apply(&mut budget.bounds, &mut budget.budget_reset_at, by.at, &mut faults);
    if faults.is_empty() { Ok(budget) } else { Err(Error::Invalid(faults)) }
}

/// The write that changes a budget's limits.
pub fn changed(before: Budget, limits: Limits, by: &By) -> Result<Write> {
    let mut faults = Vec::new();
    let mut after = before.clone();
    limits.apply(&mut after.bounds, &mut after.budget_reset_at, by.at, &mut faults);
    after.updated_at = later(before.updated_at, by.at);
    after.updated_by.clone_from(&by.who);
    if faults.is_empty() {
        Ok(Write::UpdateBudget(Box::new((before, after))))
    } else {
        Err(Error::Invalid(faults))
    }
}

/// The budget with this id, or that there is none.
pub async fn find(app: &App, id: &str) -> Result<Budget> {
    let missing = || Error::not_found("budget_id", format!("Budget not found, passed budget_id={id}"));
    app.store.budget(id).await?.ok_or_else(missing)
}

async fn create(Admin(by): Admin, State(app): State<Arc<App>>, Body(new): Body<Given>) -> Result<Json<Row>> {
    let mut budget = budget(new.budget_id, new.limits, &by)?;
    keep(EXTRAS, new.rest, &mut budget.extra.0);
    let message = format!("Budget with id '{}' already exists.", budget.budget_id);
    write(&app, &[Write::InsertBudget(budget.clone())], &by, || Error::invalid("budget_id", message)).await?;
    Ok(Json(budget.into()))
}

async fn update(
    Admin(by): Admin,
    State(app): State<Arc<App>>,
    Body(change): Body<Given>,
) -> Result<Json<Row>> {
    let id = change.budget_id.ok_or_else(|| Error::invalid("budget_id", "budget_id is required"))?;
    let mut updated = changed(find(&app, &id).await?, change.limits, &by)?;
    let Write::UpdateBudget(rows) = &mut updated else { return Err(Error::Conflict) };
    keep(EXTRAS, change.rest, &mut rows.1.extra.0);
    let row = rows.1.clone().into();
    write(&app, &[updated], &by, || Error::Conflict).await?;
    Ok(Json(row))
}

#[derive(Deserialize, JsonSchema)]
struct ByIds {
    #[schemars(length(max = 1000), inner(length(max = 256)))]
    budgets: Vec<String>,
}

async fn info(_: Admin, State(app): State<Arc<App>>, Body(asked): Body<ByIds>) -> Result<Json<Vec<Row>>> {
    if asked.budgets.is_empty() {
        return Err(Error::invalid("budgets", "Specify list of budget id's to query. Passed in=[]"));
    }
    let mut rows = Vec::new();
    for id in &asked.budgets {
        rows.extend(app.store.budget(id).await?.map(Row::from));
    }
    Ok(Json(rows))
}

#[derive(Deserialize, JsonSchema)]
struct ById {
    #[schemars(length(max = 256))]
    budget_id: String,
}

/// One field of a budget.
#[derive(Serialize, JsonSchema)]
struct Field {
    field_name: &'static str,
    field_type: &'static str,
    field_description: &'static str,
    field_value: Value,
    stored_in_db: bool,
    field_default_value: Value,
}

async fn settings(
    _: Admin,
    State(app): State<Arc<App>>,
    Params(query): Params<ById>,
) -> Result<Json<Vec<Field>>> {
    const FIELDS: [(&str, &str, &str); 6] = [
        ("max_parallel_requests", "Integer", "Max concurrent requests allowed for this budget id."),
        ("tpm_limit", "Integer", "Max tokens per minute, allowed for this budget id."),
        ("rpm_limit", "Integer", "Max requests per minute, allowed for this budget id."),
        ("budget_duration", "String", "Max duration budget should be set for (e.g. '1h', '1d', '28d')"),
        ("max_budget", "Float", "Requests will fail if this budget (in USD) is exceeded."),
        ("soft_budget", "Float", "Requests will NOT fail if this is exceeded. Will fire alerting though."),
    ];
    let row = serde_json::to_value(Row::from(find(&app, &query.budget_id).await?)).unwrap_or_default();
    let field = |(field_name, field_type, field_description)| Field {
        field_name,
        field_type,
        field_description,
        field_value: row[field_name].clone(),
        stored_in_db: true,
        field_default_value: Value::Null,
    };
    Ok(Json(FIELDS.into_iter().map(field).collect()))
}

async fn list(
    _: Admin,
    State(app): State<Arc<App>>,
    Params(paging): Params<Paging>,
) -> Result<Json<Vec<Row>>> {
    let page = paging.read(&[])?;
    let rows = app.store.budgets(page.offset, page.limit).await?;
    Ok(Json(rows.into_iter().map(Row::from).collect()))
}

#[derive(Deserialize, JsonSchema)]
struct Deleted {
    #[schemars(length(max = 256))]
    id: String,
}

async fn delete(
    Admin(by): Admin,
    State(app): State<Arc<App>>,
    Body(asked): Body<Deleted>,
) -> Result<Json<Row>> {
    let budget = find(&app, &asked.id).await?;
    write(&app, &[Write::DeleteBudget(budget.clone())], &by, || Error::Conflict).await?;
    Ok(Json(budget.into()))
}

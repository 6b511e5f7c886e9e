//! The audit log: who changed what, when, by which key.

use super::body::Params;
use crate::{
    app::App,
    auth::Admin,
    error::{Error, Result},
    fault::Fault,
    keys,
    store::audit::{Audit, Filter, Page, SORTS},
};
use aide::axum::{ApiRouter, routing::get_with};
use axum::{
    Json,
    extract::{Path, State},
};
use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::sync::Arc;

pub(super) fn router() -> ApiRouter<Arc<App>> {
    ApiRouter::new()
        .api_route(
            "/audit",
            get_with(list, |op| op.tag("audit").summary("A page of the audit log, newest first.")),
        )
        .api_route("/audit/{id}", get_with(one, |op| op.tag("audit").summary("One row of the audit log.")))
}

/// What to list.
#[derive(Deserialize, JsonSchema)]
#[serde(default)]
struct Query {
    /// From 1.
    #[schemars(range(min = 1, max = 1_000_000))]
    page: i64,
    /// Rows per page.
    #[schemars(range(min = 1, max = 100))]
    page_size: i64,
    #[schemars(length(max = 256))]
    changed_by: Option<String>,
    /// The key or its hash.
    #[schemars(length(max = 100))]
    changed_by_api_key: Option<String>,
    /// `created`, `updated`, `deleted`, `blocked`, `unblocked`.
    #[schemars(length(max = 32))]
    action: Option<String>,
    /// `LiteLLM_TeamTable`, …
    #[schemars(length(max = 64))]
    table_name: Option<String>,
    #[schemars(length(max = 600))]
    object_id: Option<String>,
    /// Not earlier: `2026-11-20` or `2026-11-20T13:00:00Z`.
    #[schemars(length(max = 40))]
    start_date: Option<String>,
    /// Not later; a day is included whole.
    #[schemars(length(max = 40))]
    end_date: Option<String>,
    /// `updated_at`, `changed_by`, `action`, `table_name` or `object_id`.
    #[schemars(length(max = 32))]
    sort_by: Option<String>,
    /// `asc` or `desc`.
    #[schemars(length(max = 8))]
    sort_order: String,
}

impl Default for Query {
    fn default() -> Self {
        Self {
            page: 1,
            page_size: 10,
            changed_by: None,
            changed_by_api_key: None,
            action: None,
            table_name: None,
            object_id: None,
            start_date: None,
            end_date: None,
            sort_by: None,
            sort_order: "desc".into(),
        }
    }
}

/// One change of one row.
#[derive(Serialize, JsonSchema)]
struct Row {
    id: String,
    updated_at: DateTime<Utc>,
    changed_by: String,
    /// Hexadecimal SHA-256.
    changed_by_api_key: String,
    action: String,
    table_name: String,
    object_id: String,
    /// The row before, its secrets masked.
    before_value: Option<Value>,
    /// The row afterwards, likewise.
    updated_values: Option<Value>,
}

impl From<Audit> for Row {
    fn from(row: Audit) -> Self {
        Self {
            id: row.id,
            updated_at: row.updated_at,
            changed_by: row.changed_by,
            changed_by_api_key: row.changed_by_api_key,
            action: row.action,
            table_name: row.table_name,
            object_id: row.object_id,
            before_value: row.before_value.map(|value| value.0),
            updated_values: row.updated_values.map(|value| value.0),
        }
    }
}

/// One page.
#[derive(Serialize, JsonSchema)]
struct Listing {
    audit_logs: Vec<Row>,
    total: i64,
    page: i64,
    page_size: i64,
    total_pages: i64,
}

async fn list(_: Admin, State(app): State<Arc<App>>, Params(query): Params<Query>) -> Result<Json<Listing>> {
    let (filter, page) = query.read()?;
    let (rows, total) = app.store.audits(&filter, &page).await?;
    Ok(Json(Listing {
        audit_logs: rows.into_iter().map(Row::from).collect(),
        total,
        page: query.page,
        page_size: query.page_size,
        total_pages: (total + query.page_size - 1) / query.page_size,
    }))
}

async fn one(_: Admin, State(app): State<Arc<App>>, Path(id): Path<String>) -> Result<Json<Row>> {
    let missing = || Error::not_found("id", format!("Audit log with ID {id} not found"));
    Ok(Json(app.store.audit(&id).await?.ok_or_else(missing)?.into()))
}

impl Query {
    /// What the query means, or all that is wrong with it.
    fn read(&self) -> Result<(Filter, Page)> {
        let mut faults = Vec::new();
        let asked = self.sort_by.as_deref().unwrap_or("updated_at");
        let by = SORTS.into_iter().find(|column| *column == asked);
        if by.is_none() {
            faults.push(Fault::new(
                "sort_by",
                format!("Invalid sort column. Must be one of: {}", SORTS.join(", ")),
            ));
        }
        let order = self.sort_order.to_ascii_lowercase();
        if !matches!(order.as_str(), "asc" | "desc") {
            faults.push(Fault::new("sort_order", "Invalid sort order. Must be 'asc' or 'desc'"));
        }
        let from = time("start_date", self.start_date.as_deref(), false, &mut faults);
        let to = time("end_date", self.end_date.as_deref(), true, &mut faults);
        let (Some(by), true) = (by, faults.is_empty()) else { return Err(Error::Invalid(faults)) };
        let filter = Filter {
            changed_by: self.changed_by.clone(),
            changed_by_api_key: self.changed_by_api_key.as_deref().map(keys::hash_of),
            action: self.action.clone(),
            table_name: self.table_name.clone(),
            object_id: self.object_id.clone(),
            from,
            to,
        };
        let offset = (self.page - 1) * self.page_size;
        Ok((filter, Page { offset, limit: self.page_size, by, descending: order == "desc" }))
    }
}

/// A day or a moment; of a day, its beginning or the next one's.
fn time(name: &str, text: Option<&str>, is_end: bool, faults: &mut Vec<Fault>) -> Option<DateTime<Utc>> {
    let text = text?;
    let day = text.parse::<NaiveDate>().ok().and_then(|day| if is_end { day.succ_opt() } else { Some(day) });
    let time = day.map(|day| day.and_time(NaiveTime::MIN).and_utc()).or_else(|| text.parse().ok());
    if time.is_none() {
        faults.push(Fault::new(
            name,
            "must be a date such as 2026-11-20, or a time such as 2026-11-20T13:00:00Z",
        ));
    }
    time
}

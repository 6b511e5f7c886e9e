//! Budgets: limits that several parties and keys can share.

use super::{Result, Store, on, parties::Bounds, tx::Tx, tx::within};
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::{Map, Value};
use sqlx::{FromRow, types::Json};

/// One row of `budget`.
#[derive(Debug, Clone, FromRow, PartialEq, Serialize)]
pub struct Budget {
    /// Unique.
    pub budget_id: String,
    /// The limits.
    #[sqlx(flatten)]
    #[serde(flatten)]
    pub bounds: Bounds,
    /// As shown; each party that has this budget has a period of its own.
    pub budget_reset_at: Option<DateTime<Utc>>,
    /// Fields that are kept and shown but not acted on yet, by name.
    pub extra: Json<Map<String, Value>>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// Who made it.
    pub created_by: String,
    /// When it last changed.
    pub updated_at: DateTime<Utc>,
    /// Who changed it.
    pub updated_by: String,
}

impl Store {
    /// The budget with this id.
    pub async fn budget(&self, id: &str) -> Result<Option<Budget>> {
        const SQL: &str = "SELECT * FROM budget WHERE budget_id = $1";
        on!(self, |pool| sqlx::query_as(SQL).bind(id).fetch_optional(pool).await)
    }

    /// The budgets, oldest first.
    pub async fn budgets(&self, offset: i64, limit: i64) -> Result<Vec<Budget>> {
        const SQL: &str = "SELECT * FROM budget ORDER BY created_at, budget_id LIMIT $1 OFFSET $2";
        on!(self, |pool| sqlx::query_as(SQL).bind(limit).bind(offset).fetch_all(pool).await)
    }
}

impl Tx {
    /// Adds a budget, whose id must be new: else a unique violation.
    pub(super) async fn insert_budget(&mut self, budget: &Budget) -> Result<bool> {
        const SQL: &str = "
            INSERT INTO budget (budget_id, max_budget, soft_budget, budget_duration, budget_reset_at, rpm_limit,
              tpm_limit, max_parallel_requests, extra, updated_at, updated_by, created_at, created_by)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)";
        within!(self, |connection| settings!(sqlx::query(SQL), budget)
            .bind(budget.created_at)
            .bind(&budget.created_by)
            .execute(connection)
            .await
            .map(|done| done.rows_affected() == 1))
    }

    /// Writes what became of `before`; `false` if somebody else has changed it in between.
    pub(super) async fn update_budget(&mut self, before: &Budget, after: &Budget) -> Result<bool> {
        const SQL: &str = "
            UPDATE budget SET max_budget = $2, soft_budget = $3, budget_duration = $4, budget_reset_at = $5,
              rpm_limit = $6, tpm_limit = $7, max_parallel_requests = $8, extra = $9, updated_at = $10,
              updated_by = $11
            WHERE budget_id = $1 AND updated_at = $12";
        within!(self, |connection| settings!(sqlx::query(SQL), after)
            .bind(before.updated_at)
            .execute(connection)
            .await
            .map(|done| done.rows_affected() == 1))
    }

    /// Deletes a budget; those that had it have no limits from it any more. `false` if there was none.
    pub(super) async fn delete_budget(&mut self, id: &str) -> Result<bool> {
        const UNLINK: [&str; 2] = [
            "UPDATE party SET budget_id = NULL WHERE budget_id = $1",
            "UPDATE virtual_key SET budget_id = NULL WHERE budget_id = $1",
        ];
        const SQL: &str = "DELETE FROM budget WHERE budget_id = $1";
        for sql in UNLINK {
            within!(self, |connection| sqlx::query(sql).bind(id).execute(connection).await.map(drop))?;
        }
        within!(self, |connection| sqlx::query(SQL)
            .bind(id)
            .execute(connection)
            .await
            .map(|done| done.rows_affected() == 1))
    }
}

/// Binds a budget's id and settings as `$1` to `$11`.
macro_rules! settings {
    ($query:expr, $budget:ident) => {
        $query
            .bind(&$budget.budget_id)
            .bind($budget.bounds.max_budget)
            .bind($budget.bounds.soft_budget)
            .bind(&$budget.bounds.budget_duration)
            .bind($budget.budget_reset_at)
            .bind($budget.bounds.rpm_limit)
            .bind($budget.bounds.tpm_limit)
            .bind($budget.bounds.max_parallel_requests)
            .bind(&$budget.extra)
            .bind($budget.updated_at)
            .bind(&$budget.updated_by)
    };
}
use settings;

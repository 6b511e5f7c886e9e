//! Budget periods that have ended.

use super::{Result, Store, on};
use chrono::{DateTime, Utc};
use sqlx::FromRow;

/// A key whose budget period has ended.
#[derive(Debug, Clone, FromRow, PartialEq, Eq)]
pub struct Due {
    /// Hexadecimal SHA-256 of the key.
    pub token: String,
    /// As given: `30s`, `30d`, `1mo`.
    pub budget_duration: String,
    /// When it ended.
    pub budget_reset_at: DateTime<Utc>,
}

impl Store {
    /// The keys whose budget period has ended, at most `limit` of them.
    pub async fn due_budgets(&self, now: DateTime<Utc>, limit: i64) -> Result<Vec<Due>> {
        const SQL: &str = "SELECT token, budget_duration, budget_reset_at FROM virtual_key
            WHERE budget_duration IS NOT NULL AND budget_reset_at <= $1 ORDER BY token LIMIT $2";
        on!(self, |pool| sqlx::query_as(SQL).bind(now).bind(limit).fetch_all(pool).await)
    }

    /// Begins the next period, unless somebody else has.
    pub async fn reset_budget(&self, due: &Due, next: DateTime<Utc>) -> Result<bool> {
        const SQL: &str = "UPDATE virtual_key SET spend = 0, budget_reset_at = $3
            WHERE token = $1 AND budget_reset_at = $2";
        on!(self, |pool| {
            let query = sqlx::query(SQL).bind(&due.token).bind(due.budget_reset_at).bind(next);
            Ok(query.execute(pool).await?.rows_affected() > 0)
        })
    }
}

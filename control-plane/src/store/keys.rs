//! Virtual keys. The key itself is never stored, only its SHA-256.

use super::{Result, Store, on};
use chrono::{DateTime, Utc};
use serde_json::{Map, Value};
use sqlx::{FromRow, types::Json};

/// One row of `virtual_key`.
#[derive(Debug, Clone, FromRow, PartialEq)]
pub struct Key {
    /// Hexadecimal SHA-256 of the key.
    pub token: String,
    /// `sk-...` and the last four characters: to recognise it by.
    pub key_name: String,
    pub key_alias: Option<String>,
    pub user_id: Option<String>,
    pub team_id: Option<String>,
    /// Model names it may use; empty for all.
    pub models: Json<Vec<String>>,
    /// US dollars in the current budget period: the sum of the ledger's records since its start.
    pub spend: f64,
    /// US dollars per budget period.
    pub max_budget: Option<f64>,
    /// As given: `30s`, `30m`, `30h`, `30d`, `1mo`.
    pub budget_duration: Option<String>,
    pub budget_reset_at: Option<DateTime<Utc>>,
    pub rpm_limit: Option<i64>,
    pub tpm_limit: Option<i64>,
    pub max_parallel_requests: Option<i64>,
    pub blocked: bool,
    pub expires: Option<DateTime<Utc>>,
    pub metadata: Json<Map<String, Value>>,
    /// LiteLLM fields that are kept and shown but not acted on yet, by name.
    pub extra: Json<Map<String, Value>>,
    pub created_at: DateTime<Utc>,
    pub created_by: String,
    pub updated_at: DateTime<Utc>,
}

impl Store {
    /// The key with this hash.
    pub async fn key(&self, token: &str) -> Result<Option<Key>> {
        const SQL: &str = "SELECT * FROM virtual_key WHERE token = $1";
        on!(self, |pool| sqlx::query_as(SQL).bind(token).fetch_optional(pool).await)
    }
}

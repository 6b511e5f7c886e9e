//! Who changed what: one row per changed row, written in the change's own transaction.

use super::{Result, Store, on, tx::Tx, tx::within};
use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::{FromRow, types::Json};

/// One row of `audit_log`.
#[derive(Debug, Clone, FromRow, PartialEq)]
pub struct Audit {
    /// Random.
    pub id: String,
    /// When it was changed.
    pub updated_at: DateTime<Utc>,
    /// By whom.
    pub changed_by: String,
    /// Hexadecimal SHA-256 of the key it was changed with.
    pub changed_by_api_key: String,
    /// `created`, `updated`, `deleted`, `blocked`, …
    pub action: String,
    /// LiteLLM's name of the table: `LiteLLM_TeamTable`, …
    pub table_name: String,
    /// Which row.
    pub object_id: String,
    /// The row before, its secrets masked; absent where there was none.
    pub before_value: Option<Json<Value>>,
    /// The row afterwards, likewise.
    pub updated_values: Option<Json<Value>>,
}

/// Which rows; what is absent does not filter.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Exactly, like the next four.
    pub changed_by: Option<String>,
    /// Hexadecimal SHA-256.
    pub changed_by_api_key: Option<String>,
    /// `created`, …
    pub action: Option<String>,
    /// `LiteLLM_TeamTable`, …
    pub table_name: Option<String>,
    /// The row's id.
    pub object_id: Option<String>,
    /// Not earlier.
    pub from: Option<DateTime<Utc>>,
    /// Earlier than this.
    pub to: Option<DateTime<Utc>>,
}

/// Which part of the list, in which order.
#[derive(Debug, Clone)]
pub struct Page {
    /// Rows to skip.
    pub offset: i64,
    /// Rows to give.
    pub limit: i64,
    /// One of `SORTS`.
    pub by: &'static str,
    /// Largest first.
    pub descending: bool,
}

/// The columns the list can be sorted by. Ties are broken by id.
pub const SORTS: [&str; 5] = ["updated_at", "changed_by", "action", "table_name", "object_id"];

#[derive(FromRow)]
struct Listed {
    #[sqlx(flatten)]
    row: Audit,
    total: i64,
}

impl Store {
    /// One row.
    pub async fn audit(&self, id: &str) -> Result<Option<Audit>> {
        const SQL: &str = "SELECT * FROM audit_log WHERE id = $1";
        on!(self, |pool| sqlx::query_as(SQL).bind(id).fetch_optional(pool).await)
    }

    /// One page of the rows that match, and how many match in all (0 past the end).
    pub async fn audits(&self, filter: &Filter, page: &Page) -> Result<(Vec<Audit>, i64)> {
        const SQL: &str = "
            SELECT *, COUNT(*) OVER () AS total FROM audit_log
            WHERE ($1 IS NULL OR changed_by = $1) AND ($2 IS NULL OR changed_by_api_key = $2)
              AND ($3 IS NULL OR action = $3) AND ($4 IS NULL OR table_name = $4)
              AND ($5 IS NULL OR object_id = $5)
              AND ($6 IS NULL OR updated_at >= $6) AND ($7 IS NULL OR updated_at < $7)
            ORDER BY
              CASE WHEN $8 = 'updated_at' AND $9 THEN updated_at END DESC,
              CASE WHEN $8 = 'updated_at'        THEN updated_at END,
              CASE WHEN $8 = 'changed_by' AND $9 THEN changed_by END DESC,
              CASE WHEN $8 = 'changed_by'        THEN changed_by END,
              CASE WHEN $8 = 'action'     AND $9 THEN action     END DESC,
              CASE WHEN $8 = 'action'            THEN action     END,
              CASE WHEN $8 = 'table_name' AND $9 THEN table_name END DESC,
              CASE WHEN $8 = 'table_name'        THEN table_name END,
              CASE WHEN $8 = 'object_id'  AND $9 THEN object_id  END DESC,
              CASE WHEN $8 = 'object_id'         THEN object_id  END,
              id
            LIMIT $10 OFFSET $11";
        let rows: Vec<Listed> = on!(self, |pool| sqlx::query_as(SQL)
            .bind(&filter.changed_by)
            .bind(&filter.changed_by_api_key)
            .bind(&filter.action)
            .bind(&filter.table_name)
            .bind(&filter.object_id)
            .bind(filter.from)
            .bind(filter.to)
            .bind(page.by)
            .bind(page.descending)
            .bind(page.limit)
            .bind(page.offset)
            .fetch_all(pool)
            .await)?;
        let total = rows.first().map_or(0, |row| row.total);
        Ok((rows.into_iter().map(|row| row.row).collect(), total))
    }
}

impl Tx {
    /// Adds a row.
    pub(super) async fn insert_audit(&mut self, row: &Audit) -> Result<()> {
        const SQL: &str = "
            INSERT INTO audit_log (id, updated_at, changed_by, changed_by_api_key, action, table_name, object_id,
              before_value, updated_values)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
        within!(self, |connection| sqlx::query(SQL)
            .bind(&row.id)
            .bind(row.updated_at)
            .bind(&row.changed_by)
            .bind(&row.changed_by_api_key)
            .bind(&row.action)
            .bind(&row.table_name)
            .bind(&row.object_id)
            .bind(&row.before_value)
            .bind(&row.updated_values)
            .execute(connection)
            .await
            .map(drop))
    }
}

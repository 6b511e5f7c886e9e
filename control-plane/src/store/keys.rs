//! Virtual keys. The key itself is never stored, only its SHA-256.

use super::{Result, Store, containing, on, tx::Tx, tx::within, writes::By};
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::{Map, Value};
use sqlx::{FromRow, types::Json};

#[cfg(test)]
mod tests;

/// Tags of a key that count.
const MOST_TAGS: usize = 32;

/// One row of `virtual_key`.
#[derive(Debug, Clone, FromRow, PartialEq, Serialize)]
pub struct Key {
    /// Hexadecimal SHA-256 of the key.
    pub token: String,
    /// `sk-...` and the last four characters: to recognise it by.
    pub key_name: String,
    /// Unique among all keys.
    pub key_alias: Option<String>,
    /// Whose it is.
    pub user_id: Option<String>,
    /// The team it belongs to.
    pub team_id: Option<String>,
    /// The organization it belongs to, where that is not its team's.
    pub organization_id: Option<String>,
    /// The budget that says what the key does not.
    pub budget_id: Option<String>,
    /// Model names it may use; empty for all.
    pub models: Json<Vec<String>>,
    /// US dollars in the current budget period: the sum of the ledger's records since its start.
    pub spend: f64,
    /// US dollars per budget period.
    pub max_budget: Option<f64>,
    /// As given: `30s`, `30m`, `30h`, `30d`, `1mo`.
    pub budget_duration: Option<String>,
    /// When `spend` starts anew.
    pub budget_reset_at: Option<DateTime<Utc>>,
    /// Requests per minute.
    pub rpm_limit: Option<i64>,
    /// Tokens per minute.
    pub tpm_limit: Option<i64>,
    /// Requests in flight at once.
    pub max_parallel_requests: Option<i64>,
    /// Refused until it is unblocked.
    pub blocked: bool,
    /// Refused from then on.
    pub expires: Option<DateTime<Utc>>,
    /// The administrator's own notes.
    pub metadata: Json<Map<String, Value>>,
    /// LiteLLM fields that are kept and shown but not acted on yet, by name.
    pub extra: Json<Map<String, Value>>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// Who made it.
    pub created_by: String,
    /// When its settings last changed; spending does not count.
    pub updated_at: DateTime<Utc>,
}

impl Key {
    /// What its requests are counted under: `tags`, and `metadata.tags`, which is where LiteLLM keeps them.
    pub fn tags(&self) -> Vec<String> {
        let lists = [self.extra.get("tags"), self.metadata.get("tags")];
        let items = lists.into_iter().flatten().filter_map(Value::as_array).flatten();
        let mut tags: Vec<_> = items.filter_map(Value::as_str).map(str::to_owned).take(MOST_TAGS).collect();
        tags.sort();
        tags.dedup();
        tags
    }
}

/// Which keys to list; what is absent does not filter.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Exactly, or as a part if `substring`.
    pub user_id: Option<String>,
    /// Exactly.
    pub team_id: Option<String>,
    /// Exactly.
    pub organization_id: Option<String>,
    /// Exactly, or as a part if `substring`.
    pub key_alias: Option<String>,
    /// Hexadecimal SHA-256.
    pub token: Option<String>,
    /// The hash, or a part of the alias.
    pub search: Option<String>,
    /// `user_id` and `key_alias` match as parts, in any case.
    pub substring: bool,
    /// Blocked, or not.
    pub blocked: Option<bool>,
    /// Expired, or not.
    pub expired: Option<bool>,
}

/// Which part of the list, in which order.
#[derive(Debug, Clone, Copy)]
pub struct Page {
    /// Rows to skip.
    pub offset: i64,
    /// Rows to give.
    pub limit: i64,
    /// Ties are broken by token.
    pub sort: Sort,
    /// Largest first.
    pub descending: bool,
}

/// The columns a list can be sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sort {
    /// `created_at`
    CreatedAt,
    /// `updated_at`
    UpdatedAt,
    /// `spend`
    Spend,
    /// `max_budget`
    MaxBudget,
    /// `key_alias`
    KeyAlias,
    /// `token`
    Token,
}

impl Sort {
    /// All, by their names.
    pub const ALL: [(&'static str, Self); 6] = [
        ("spend", Self::Spend),
        ("max_budget", Self::MaxBudget),
        ("created_at", Self::CreatedAt),
        ("updated_at", Self::UpdatedAt),
        ("token", Self::Token),
        ("key_alias", Self::KeyAlias),
    ];

    fn column(self) -> &'static str {
        Self::ALL.iter().find(|(_, sort)| *sort == self).map_or("token", |(name, _)| name)
    }
}

#[derive(FromRow)]
struct Listed {
    #[sqlx(flatten)]
    key: Key,
    total: i64,
}

impl Store {
    /// The key with this hash.
    pub async fn key(&self, token: &str) -> Result<Option<Key>> {
        const SQL: &str = "SELECT * FROM virtual_key WHERE token = $1";
        on!(self, |pool| sqlx::query_as(SQL).bind(token).fetch_optional(pool).await)
    }

    /// The key with this alias.
    pub async fn key_by_alias(&self, alias: &str) -> Result<Option<Key>> {
        const SQL: &str = "SELECT * FROM virtual_key WHERE key_alias = $1";
        on!(self, |pool| sqlx::query_as(SQL).bind(alias).fetch_optional(pool).await)
    }

    /// The aliases in use that contain `part`, in order, and how many there are in all (0 past the end).
    pub async fn key_aliases(&self, part: &str, offset: i64, limit: i64) -> Result<(Vec<String>, i64)> {
        const SQL: &str = r"
            SELECT key_alias, COUNT(*) OVER () FROM virtual_key
            WHERE key_alias IS NOT NULL AND lower(key_alias) LIKE $1 ESCAPE '\'
            ORDER BY key_alias LIMIT $2 OFFSET $3";
        let rows: Vec<(String, i64)> = on!(self, |pool| sqlx::query_as(SQL)
            .bind(containing(part))
            .bind(limit)
            .bind(offset)
            .fetch_all(pool)
            .await)?;
        let total = rows.first().map_or(0, |row| row.1);
        Ok((rows.into_iter().map(|row| row.0).collect(), total))
    }

    /// All keys of a user, a team or an organization (of which one is given), oldest first.
    pub async fn keys_of(
        &self,
        user_id: Option<&str>,
        team_id: Option<&str>,
        organization_id: Option<&str>,
    ) -> Result<Vec<Key>> {
        const SQL: &str =
            "SELECT * FROM virtual_key WHERE user_id = $1 OR team_id = $2 OR organization_id = $3
            ORDER BY created_at, token";
        on!(self, |pool| sqlx::query_as(SQL)
            .bind(user_id)
            .bind(team_id)
            .bind(organization_id)
            .fetch_all(pool)
            .await)
    }

    /// One page of the keys that match, and how many match in all. `now` decides what has expired.
    pub async fn keys(&self, filter: &Filter, page: Page, now: DateTime<Utc>) -> Result<(Vec<Key>, i64)> {
        let rows = self.listed(filter, page, now).await?;
        let total = match rows.first() {
            Some(row) => row.total,
            // Past the end: the count came with no row.
            None if page.offset > 0 => {
                let first = self.listed(filter, Page { offset: 0, limit: 1, ..page }, now).await?;
                first.first().map_or(0, |row| row.total)
            }
            None => 0,
        };
        Ok((rows.into_iter().map(|row| row.key).collect(), total))
    }

    async fn listed(&self, filter: &Filter, page: Page, now: DateTime<Utc>) -> Result<Vec<Listed>> {
        // A NULL parameter disables its line; each line of the order is constant unless it is the one asked for.
        const SQL: &str = r"
            SELECT *, COUNT(*) OVER () AS total FROM virtual_key
            WHERE ($1 IS NULL OR user_id = $1 OR ($6 AND lower(user_id) LIKE $10 ESCAPE '\'))
              AND ($2 IS NULL OR team_id = $2)
              AND ($3 IS NULL OR key_alias = $3 OR ($6 AND lower(key_alias) LIKE $11 ESCAPE '\'))
              AND ($4 IS NULL OR token = $4)
              AND ($5 IS NULL OR token = $5 OR lower(key_alias) LIKE $12 ESCAPE '\')
              AND ($7 IS NULL OR blocked = $7)
              AND ($8 IS NULL OR (expires IS NOT NULL AND expires < $9) = $8)
              AND ($17 IS NULL OR organization_id = $17)
            ORDER BY
              CASE WHEN $13 = 'spend'      AND $14 THEN spend      END DESC NULLS LAST,
              CASE WHEN $13 = 'spend'              THEN spend      END NULLS LAST,
              CASE WHEN $13 = 'max_budget' AND $14 THEN max_budget END DESC NULLS LAST,
              CASE WHEN $13 = 'max_budget'         THEN max_budget END NULLS LAST,
              CASE WHEN $13 = 'created_at' AND $14 THEN created_at END DESC NULLS LAST,
              CASE WHEN $13 = 'created_at'         THEN created_at END NULLS LAST,
              CASE WHEN $13 = 'updated_at' AND $14 THEN updated_at END DESC NULLS LAST,
              CASE WHEN $13 = 'updated_at'         THEN updated_at END NULLS LAST,
              CASE WHEN $13 = 'key_alias'  AND $14 THEN key_alias  END DESC NULLS LAST,
              CASE WHEN $13 = 'key_alias'          THEN key_alias  END NULLS LAST,
              CASE WHEN $14 THEN token END DESC NULLS LAST,
              token
            LIMIT $15 OFFSET $16";
        on!(self, |pool| sqlx::query_as(SQL)
            .bind(&filter.user_id)
            .bind(&filter.team_id)
            .bind(&filter.key_alias)
            .bind(&filter.token)
            .bind(&filter.search)
            .bind(filter.substring)
            .bind(filter.blocked)
            .bind(filter.expired)
            .bind(now)
            .bind(filter.user_id.as_deref().map(containing))
            .bind(filter.key_alias.as_deref().map(containing))
            .bind(filter.search.as_deref().map(containing))
            .bind(page.sort.column())
            .bind(page.descending)
            .bind(page.limit)
            .bind(page.offset)
            .bind(&filter.organization_id)
            .fetch_all(pool)
            .await)
    }
}

impl Tx {
    /// Adds a key. Its hash and its alias must be new: else a unique violation.
    pub(super) async fn insert_key(&mut self, key: &Key) -> Result<bool> {
        const SQL: &str = "
            INSERT INTO virtual_key (token, key_name, key_alias, user_id, team_id, models, spend, max_budget,
              budget_duration, budget_reset_at, rpm_limit, tpm_limit, max_parallel_requests, blocked, expires,
              metadata, extra, created_at, created_by, updated_at, organization_id, budget_id)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22)";
        within!(self, |connection| sqlx::query(SQL)
            .bind(&key.token)
            .bind(&key.key_name)
            .bind(&key.key_alias)
            .bind(&key.user_id)
            .bind(&key.team_id)
            .bind(&key.models)
            .bind(key.spend)
            .bind(key.max_budget)
            .bind(&key.budget_duration)
            .bind(key.budget_reset_at)
            .bind(key.rpm_limit)
            .bind(key.tpm_limit)
            .bind(key.max_parallel_requests)
            .bind(key.blocked)
            .bind(key.expires)
            .bind(&key.metadata)
            .bind(&key.extra)
            .bind(key.created_at)
            .bind(&key.created_by)
            .bind(key.updated_at)
            .bind(&key.organization_id)
            .bind(&key.budget_id)
            .execute(connection)
            .await
            .map(|done| done.rows_affected() == 1))
    }

    /// Writes what became of the key `before`; `false` if somebody else has changed its settings in between. What the
    /// ledger keeps (`spend`, the end of the budget period) is written only where it differs from `before`.
    pub(super) async fn update_key(&mut self, before: &Key, after: &Key) -> Result<bool> {
        const SQL: &str = "
            UPDATE virtual_key SET key_alias = $3, user_id = $4, team_id = $5, models = $6, max_budget = $7,
              budget_duration = $8, rpm_limit = $9, tpm_limit = $10, max_parallel_requests = $11, blocked = $12,
              expires = $13, metadata = $14, extra = $15, updated_at = $16,
              spend = CASE WHEN $17 THEN $18 ELSE spend END,
              budget_reset_at = CASE WHEN $19 THEN $20 ELSE budget_reset_at END,
              organization_id = $21, budget_id = $22
            WHERE token = $1 AND updated_at = $2";
        within!(self, |connection| sqlx::query(SQL)
            .bind(&before.token)
            .bind(before.updated_at)
            .bind(&after.key_alias)
            .bind(&after.user_id)
            .bind(&after.team_id)
            .bind(&after.models)
            .bind(after.max_budget)
            .bind(&after.budget_duration)
            .bind(after.rpm_limit)
            .bind(after.tpm_limit)
            .bind(after.max_parallel_requests)
            .bind(after.blocked)
            .bind(after.expires)
            .bind(&after.metadata)
            .bind(&after.extra)
            .bind(after.updated_at)
            .bind(before.spend.to_bits() != after.spend.to_bits())
            .bind(after.spend)
            .bind(before.budget_reset_at != after.budget_reset_at)
            .bind(after.budget_reset_at)
            .bind(&after.organization_id)
            .bind(&after.budget_id)
            .execute(connection)
            .await
            .map(|done| done.rows_affected() == 1))
    }

    /// Deletes a key; `false` if there was none.
    pub(super) async fn delete_key(&mut self, token: &str) -> Result<bool> {
        const SQL: &str = "DELETE FROM virtual_key WHERE token = $1";
        within!(self, |connection| sqlx::query(SQL)
            .bind(token)
            .execute(connection)
            .await
            .map(|done| done.rows_affected() == 1))
    }

    /// Keeps a key that is being deleted.
    pub(super) async fn keep_key(&mut self, key: &Key, id: &str, by: &By) -> Result<()> {
        const SQL: &str = "
            INSERT INTO deleted_virtual_key (id, token, key_alias, user_id, team_id, organization_id, value, deleted_at,
              deleted_by, deleted_by_api_key)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
        let value = Json(serde_json::to_value(key).unwrap_or_default());
        within!(self, |connection| sqlx::query(SQL)
            .bind(id)
            .bind(&key.token)
            .bind(&key.key_alias)
            .bind(&key.user_id)
            .bind(&key.team_id)
            .bind(&key.organization_id)
            .bind(&value)
            .bind(by.at)
            .bind(&by.who)
            .bind(&by.key)
            .execute(connection)
            .await
            .map(drop))
    }
}

//! The ledger, read. (It is written in `ledger`.)

use super::{Result, Store, on};
use chrono::{DateTime, Utc};
use sqlx::FromRow;

/// One row of `spend_log`: one exchange that reached a provider.
#[derive(Debug, Clone, FromRow, PartialEq)]
pub struct Spent {
    /// Unique.
    pub call_id: String,
    /// When the request came.
    pub started_at: DateTime<Utc>,
    /// Its day in UTC, `2026-11-20`.
    pub day: String,
    /// Hexadecimal SHA-256 of the caller's key.
    pub key_hash: String,
    /// Empty where the key has none; likewise the next three.
    pub key_alias: String,
    /// The key's.
    pub user_id: String,
    /// The key's.
    pub team_id: String,
    /// Named in the request.
    pub end_user: String,
    /// The name the client asked for.
    pub model_group: String,
    /// The name the provider was asked for.
    pub model: String,
    /// `model_info.id`.
    pub deployment_id: String,
    /// Its slug.
    pub provider: String,
    /// `chat`, `messages`, …
    pub operation: String,
    /// Answered as a stream.
    pub stream: bool,
    /// HTTP status sent to the client.
    pub status: i64,
    /// Deployments tried.
    pub attempts: i64,
    /// The client left early.
    pub disconnected: bool,
    /// The error's type; empty on success.
    pub error: String,
    /// All input tokens.
    pub prompt_tokens: i64,
    /// All output tokens.
    pub completion_tokens: i64,
    /// Input read from the provider's cache.
    pub cached_tokens: i64,
    /// Input written to it, of both lifetimes.
    pub cache_creation_tokens: i64,
    /// Of it, what is kept for an hour.
    pub cache_creation_1h_tokens: i64,
    /// Output spent on reasoning.
    pub reasoning_tokens: i64,
    /// Input that was sound.
    pub audio_prompt_tokens: i64,
    /// Output that is sound.
    pub audio_completion_tokens: i64,
    /// The provider gave no usage.
    pub usage_estimated: bool,
    /// US dollars.
    pub cost: f64,
    /// To the answer's last byte.
    pub latency_ms: i64,
    /// To the first event; 0 when not streamed.
    pub first_token_ms: i64,
}

/// Which rows; what is absent does not filter.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Hexadecimal SHA-256.
    pub key_hash: Option<String>,
    /// The key's user.
    pub user_id: Option<String>,
    /// One exchange.
    pub call_id: Option<String>,
    /// Not earlier.
    pub from: Option<DateTime<Utc>>,
    /// Not later.
    pub to: Option<DateTime<Utc>>,
}

/// What one key spent on one model for one user on one day.
#[derive(Debug, Clone, FromRow, PartialEq)]
pub struct Daily {
    /// In UTC, `2026-11-20`.
    pub day: String,
    /// Hexadecimal SHA-256.
    pub key_hash: String,
    /// The key's user.
    pub user_id: String,
    /// The name the provider was asked for.
    pub model: String,
    /// US dollars.
    pub cost: f64,
}

/// How the exchanges with one deployment went lately.
#[derive(Debug, Clone, FromRow, PartialEq, Eq)]
pub struct Lately {
    /// `model_info.id`.
    pub deployment_id: String,
    /// Exchanges.
    pub total: i64,
    /// Of them, those the provider failed: 5xx, or no access, too slow, too many.
    pub failed: i64,
}

impl Store {
    /// How every deployment that was used since then did.
    pub async fn lately(&self, since: DateTime<Utc>) -> Result<Vec<Lately>> {
        const SQL: &str = "
            SELECT deployment_id, COUNT(*) AS total,
              COUNT(CASE WHEN status >= 500 OR status IN (401, 403, 408, 429) THEN 1 END) AS failed
            FROM spend_log WHERE started_at >= $1 GROUP BY deployment_id";
        on!(self, |pool| sqlx::query_as(SQL).bind(since).fetch_all(pool).await)
    }

    /// The newest `limit` rows that match, newest first.
    pub async fn spent(&self, filter: &Filter, limit: i64) -> Result<Vec<Spent>> {
        const SQL: &str = "
            SELECT * FROM spend_log
            WHERE ($1 IS NULL OR key_hash = $1) AND ($2 IS NULL OR user_id = $2) AND ($3 IS NULL OR call_id = $3)
              AND ($4 IS NULL OR started_at >= $4) AND ($5 IS NULL OR started_at <= $5)
            ORDER BY started_at DESC, call_id DESC LIMIT $6";
        on!(self, |pool| sqlx::query_as(SQL)
            .bind(&filter.key_hash)
            .bind(&filter.user_id)
            .bind(&filter.call_id)
            .bind(filter.from)
            .bind(filter.to)
            .bind(limit)
            .fetch_all(pool)
            .await)
    }

    /// The rows that match, summed up, oldest day first.
    pub async fn spent_by_day(&self, filter: &Filter) -> Result<Vec<Daily>> {
        const SQL: &str = "
            SELECT day, key_hash, user_id, model, SUM(cost) AS cost FROM spend_log
            WHERE ($1 IS NULL OR key_hash = $1) AND ($2 IS NULL OR user_id = $2) AND ($3 IS NULL OR call_id = $3)
              AND ($4 IS NULL OR started_at >= $4) AND ($5 IS NULL OR started_at <= $5)
            GROUP BY day, key_hash, user_id, model ORDER BY day, key_hash, user_id, model";
        on!(self, |pool| sqlx::query_as(SQL)
            .bind(&filter.key_hash)
            .bind(&filter.user_id)
            .bind(&filter.call_id)
            .bind(filter.from)
            .bind(filter.to)
            .fetch_all(pool)
            .await)
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::store::testing::stores;

    /// A row of the ledger, as a test's other parts need it too.
    pub async fn insert(store: &Store, call_id: &str, at: DateTime<Utc>, key_hash: &str, cost: f64) {
        const SQL: &str = "
            INSERT INTO spend_log (call_id, started_at, day, key_hash, key_alias, user_id, team_id, end_user,
              model_group, model, deployment_id, provider, operation, stream, status, attempts, disconnected, error,
              prompt_tokens, completion_tokens, cached_tokens, cache_creation_tokens,
              cache_creation_1h_tokens, reasoning_tokens, audio_prompt_tokens, audio_completion_tokens, usage_estimated, cost, latency_ms, first_token_ms)
            VALUES ($1, $2, $3, $4, '', 'alice', '', '', 'group', 'gpt', 'dep', 'openai', 'chat', $5, 200, 1, $5, '',
              10, 5, 0, 0, 0, 0, 0, 0, $5, $6, 1500, 0)";
        on!(store, |pool| {
            sqlx::query(SQL)
                .bind(call_id)
                .bind(at)
                .bind(at.format("%Y-%m-%d").to_string())
                .bind(key_hash)
                .bind(false)
                .bind(cost)
                .execute(pool)
                .await
                .map(drop)
        })
        .unwrap();
    }

    #[tokio::test]
    async fn rows_are_filtered_and_summed() {
        let at = |hour: i64| DateTime::from_timestamp(1_800_000_000 + hour * 3600, 0).unwrap();
        for store in stores().await {
            insert(&store, "c1", at(0), "k1", 0.5).await;
            insert(&store, "c2", at(1), "k2", 0.25).await;
            insert(&store, "c3", at(48), "k1", 1.0).await;
            let ids = async |filter: Filter| {
                let rows = store.spent(&filter, 10).await.unwrap();
                rows.into_iter().map(|r| r.call_id).collect::<Vec<_>>().join(" ")
            };
            assert_eq!(ids(Filter::default()).await, "c3 c2 c1");
            assert_eq!(ids(Filter { key_hash: Some("k1".into()), ..Filter::default() }).await, "c3 c1");
            assert_eq!(ids(Filter { call_id: Some("c2".into()), ..Filter::default() }).await, "c2");
            assert_eq!(ids(Filter { user_id: Some("bob".into()), ..Filter::default() }).await, "");
            assert_eq!(ids(Filter { from: Some(at(1)), to: Some(at(2)), ..Filter::default() }).await, "c2");
            assert_eq!(store.spent(&Filter::default(), 1).await.unwrap().len(), 1);
            let lately = Lately { deployment_id: "dep".into(), total: 2, failed: 0 };
            assert_eq!(store.lately(at(1)).await.unwrap(), [lately]);
            let days = store
                .spent_by_day(&Filter { key_hash: Some("k1".into()), ..Filter::default() })
                .await
                .unwrap();
            let sums: Vec<_> = days.iter().map(|d| (d.day.as_str(), d.cost)).collect();
            assert_eq!(sums, [("2027-01-15", 0.5), ("2027-01-17", 1.0)]);
        }
    }
}

//! The ledger: spend records, the spend of keys, and what both take from leases, in one transaction.

use super::{
    Result, Store,
    leases::Changes,
    on,
    parties::{Kind, scope},
};
use crate::limits::from_dollars;
use chrono::{DateTime, Utc};
use std::{
    collections::{BTreeMap, HashSet},
    sync::Arc,
};
use tianji_proto::Record;

/// Rows per statement, largest first: any number of rows is written with these few prepared statements. Both databases
/// take more parameters than the largest needs.
const CHUNKS: [usize; 4] = [256, 32, 8, 1];
/// The longest name kept, in bytes; a longer one is cut.
const LONGEST_TEXT: usize = 1024;
/// Ids and hashes stand in indexes, which have a largest entry.
const LONGEST_ID: usize = 256;
/// 2100-01-01, in Unix milliseconds.
const LATEST: i64 = 4_102_444_800_000;

/// What a commit has done.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Settled {
    /// Records that were new.
    pub added: u64,
    /// Records that the ledger had already.
    pub known: u64,
    /// By key and worker: the cost of the new ones, in nano-dollars.
    pub costs: BTreeMap<(Arc<str>, Arc<str>), i64>,
    /// By key: its spend in dollars now. Keys that do not exist (any more) are missing.
    pub spend: BTreeMap<Arc<str>, f64>,
    /// By the name of a party (`team:core`): its spend in dollars now. Those that do not exist are missing.
    pub parties: BTreeMap<String, f64>,
}

/// A record as both databases can hold it; `None` if it cannot be told from others.
pub fn clean(mut record: Record) -> Option<Record> {
    if record.call_id.is_empty() || record.call_id.len() > LONGEST_ID || record.call_id.contains('\0') {
        return None;
    }
    for id in [&mut record.key_hash, &mut record.worker] {
        shorten(id, LONGEST_ID);
    }
    record.tags.iter_mut().for_each(|tag| shorten(tag, LONGEST_ID));
    for text in [
        &mut record.key_alias,
        &mut record.user_id,
        &mut record.team_id,
        &mut record.organization_id,
        &mut record.end_user,
        &mut record.model_group,
        &mut record.model,
        &mut record.deployment_id,
        &mut record.provider,
        &mut record.operation,
        &mut record.error,
    ] {
        shorten(text, LONGEST_TEXT);
    }
    record.started_at = record.started_at.clamp(0, LATEST);
    record.cost = if record.cost.is_finite() { record.cost.max(0.0) } else { 0.0 };
    Some(record)
}

/// Postgres has no NUL in a text.
fn shorten(text: &mut String, longest: usize) {
    if text.contains('\0') {
        *text = text.replace('\0', "\u{fffd}");
    }
    text.truncate(text.floor_char_boundary(longest));
}

/// Cuts `items` into the lengths of `CHUNKS`.
fn chunks<T>(mut items: &[T]) -> impl Iterator<Item = &[T]> {
    std::iter::from_fn(move || {
        let size = CHUNKS.into_iter().find(|size| *size <= items.len())?;
        let (head, tail) = items.split_at(size);
        items = tail;
        Some(head)
    })
}

impl Store {
    /// Writes records (cleaned) and changes of leases, all or nothing. Of records the ledger has already, nothing
    /// counts. `is_holder` says of a key and a worker whether costs come out of a lease.
    ///
    /// Rows are touched in one order by everybody (tables as below, keys ascending), so that no two transactions ever
    /// wait for each other.
    pub async fn commit(
        &self,
        records: &[Record],
        changes: &Changes,
        is_holder: impl Fn(&str, &str) -> bool,
    ) -> Result<Settled> {
        if records.is_empty() && changes.is_empty() {
            return Ok(Settled::default());
        }
        let mut sorted: Vec<&Record> = records.iter().collect();
        sorted.sort_by(|a, b| a.call_id.cmp(&b.call_id));
        sorted.dedup_by(|a, b| a.call_id == b.call_id);
        on!(self, |pool| {
            let mut tx = pool.begin().await?;
            for worker in &changes.gone {
                sqlx::query(GONE).bind(&**worker).execute(&mut *tx).await?;
            }
            let mut new = HashSet::new();
            for rows in chunks(&sorted) {
                let mut insert = sqlx::QueryBuilder::new(INSERT_RECORDS);
                insert.push_values(rows, |mut row, record| push_record!(row, record));
                insert.push(" ON CONFLICT (call_id) DO NOTHING RETURNING call_id");
                let ids: Vec<String> = insert.build_query_scalar().fetch_all(&mut *tx).await?;
                new.extend(ids);
            }
            let mut settled = tally(&sorted, &new, records.len());
            for (key, cost) in by_key(&settled) {
                let spend: Option<f64> =
                    sqlx::query_scalar(ADD_SPEND).bind(&*key).bind(cost).fetch_optional(&mut *tx).await?;
                if let Some(spend) = spend {
                    settled.spend.insert(key, spend);
                }
            }
            for ((kind, id, member), cost) in by_party(&sorted, &new) {
                let add =
                    sqlx::query_scalar(ADD_PARTY_SPEND).bind(kind.name()).bind(id).bind(member).bind(cost);
                if let Some(spend) = add.fetch_optional(&mut *tx).await? {
                    settled.parties.insert(scope(kind, id, member), spend);
                }
            }
            let windows: Vec<_> = changes.windows.iter().collect();
            for rows in chunks(&windows) {
                let mut upsert = sqlx::QueryBuilder::new(INSERT_WINDOWS);
                upsert.push_values(rows, |mut row, (key, (window, requests, tokens))| {
                    row.push_bind(&***key).push_bind(window.id.cast_signed()).push_bind(window.started_at);
                    row.push_bind(*requests).push_bind(*tokens);
                });
                upsert.push(ADD_TO_WINDOWS).build().execute(&mut *tx).await?;
            }
            let held = held(changes, &settled, is_holder);
            for rows in chunks(&held) {
                let mut upsert = sqlx::QueryBuilder::new(INSERT_LEASES);
                upsert.push_values(rows, |mut row, ((key, worker), (nanos, slots))| {
                    row.push_bind(&**key).push_bind(&**worker).push_bind(*nanos).push_bind(*slots);
                });
                upsert.push(ADD_TO_LEASES).build().execute(&mut *tx).await?;
            }
            for (key, worker) in &changes.emptied {
                sqlx::query(EMPTIED).bind(&**key).bind(&**worker).execute(&mut *tx).await?;
            }
            tx.commit().await?;
            Ok(settled)
        })
    }
}

const GONE: &str = "DELETE FROM lease WHERE worker = $1";
const EMPTIED: &str = "DELETE FROM lease WHERE key_hash = $1 AND worker = $2 AND nanos = 0 AND slots = 0";
const INSERT_RECORDS: &str = "INSERT INTO spend_log (call_id, started_at, day, key_hash, key_alias, user_id, team_id,
    end_user, model_group, model, deployment_id, provider, operation, stream, status, attempts, disconnected, error,
    prompt_tokens, completion_tokens, cached_tokens, cache_creation_tokens, cache_creation_1h_tokens,
    reasoning_tokens, audio_prompt_tokens, audio_completion_tokens, usage_estimated, cost, latency_ms,
    first_token_ms, organization_id) ";
const ADD_SPEND: &str = "UPDATE virtual_key SET spend = spend + $2 WHERE token = $1 RETURNING spend";
const ADD_PARTY_SPEND: &str =
    "UPDATE party SET spend = spend + $4 WHERE kind = $1 AND id = $2 AND member = $3 RETURNING spend";
const INSERT_WINDOWS: &str = "INSERT INTO limit_window (key_hash, id, started_at, requests, tokens) ";
const ADD_TO_WINDOWS: &str = " ON CONFLICT (key_hash) DO UPDATE SET
    requests = CASE WHEN limit_window.id = excluded.id
        THEN limit_window.requests + excluded.requests ELSE excluded.requests END,
    tokens = CASE WHEN limit_window.id = excluded.id
        THEN limit_window.tokens + excluded.tokens ELSE excluded.tokens END,
    started_at = excluded.started_at,
    id = excluded.id
    WHERE limit_window.id <= excluded.id";
const INSERT_LEASES: &str = "INSERT INTO lease (key_hash, worker, nanos, slots) ";
const ADD_TO_LEASES: &str = " ON CONFLICT (key_hash, worker) DO UPDATE SET
    nanos = lease.nanos + excluded.nanos, slots = lease.slots + excluded.slots";

/// Binds one record in the order of `INSERT_RECORDS`. A macro, for there is one type of row per driver.
macro_rules! push_record {
    ($row:ident, $record:ident) => {{
        let record: &Record = $record;
        let tokens = record.tokens.unwrap_or_default();
        let started_at = started_at(record);
        $row.push_bind(&record.call_id)
            .push_bind(started_at)
            .push_bind(started_at.format("%Y-%m-%d").to_string());
        $row.push_bind(&record.key_hash).push_bind(&record.key_alias).push_bind(&record.user_id);
        $row.push_bind(&record.team_id).push_bind(&record.end_user).push_bind(&record.model_group);
        $row.push_bind(&record.model).push_bind(&record.deployment_id).push_bind(&record.provider);
        $row.push_bind(&record.operation).push_bind(record.stream).push_bind(i64::from(record.status));
        $row.push_bind(i64::from(record.attempts)).push_bind(record.disconnected).push_bind(&record.error);
        $row.push_bind(tokens.prompt).push_bind(tokens.completion).push_bind(tokens.cached);
        $row.push_bind(tokens.cache_creation).push_bind(tokens.cache_creation_1h).push_bind(tokens.reasoning);
        $row.push_bind(tokens.audio_prompt).push_bind(tokens.audio_completion).push_bind(tokens.estimated);
        $row.push_bind(record.cost).push_bind(record.latency_ms).push_bind(record.first_token_ms);
        $row.push_bind(&record.organization_id);
    }};
}
use push_record;

fn started_at(record: &Record) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(record.started_at).unwrap_or_default()
}

fn tally(records: &[&Record], new: &HashSet<String>, read: usize) -> Settled {
    let mut settled =
        Settled { added: new.len() as u64, known: (read - new.len()) as u64, ..Settled::default() };
    for record in records.iter().filter(|record| new.contains(&record.call_id)) {
        let row = (Arc::from(record.key_hash.as_str()), Arc::from(record.worker.as_str()));
        *settled.costs.entry(row).or_default() += from_dollars(record.cost);
    }
    settled
}

/// The new cost by key, in dollars. Ascending, as everybody must touch the keys.
#[expect(clippy::cast_precision_loss, reason = "exact up to nine million dollars in one batch")]
fn by_key(settled: &Settled) -> BTreeMap<Arc<str>, f64> {
    let mut sums: BTreeMap<Arc<str>, i64> = BTreeMap::new();
    for ((key, _), nanos) in &settled.costs {
        *sums.entry(key.clone()).or_default() += nanos;
    }
    sums.into_iter().map(|(key, nanos)| (key, nanos as f64 / 1e9)).collect()
}

/// The new cost by party, in dollars. Ascending, as everybody must touch them.
#[expect(clippy::cast_precision_loss, reason = "exact up to nine million dollars in one batch")]
fn by_party<'a>(records: &[&'a Record], new: &HashSet<String>) -> BTreeMap<(Kind, &'a str, &'a str), f64> {
    let mut sums: BTreeMap<_, i64> = BTreeMap::new();
    for record in records.iter().filter(|record| new.contains(&record.call_id)) {
        let (user, team) = (record.user_id.as_str(), record.team_id.as_str());
        let (organization, customer) = (record.organization_id.as_str(), record.end_user.as_str());
        let parties = [
            (Kind::User, user, ""),
            (Kind::Team, team, ""),
            (Kind::TeamMember, if user.is_empty() { "" } else { team }, user),
            (Kind::Organization, organization, ""),
            (Kind::OrganizationMember, if user.is_empty() { "" } else { organization }, user),
            (Kind::Customer, customer, ""),
        ];
        let tags = record.tags.iter().map(|tag| (Kind::Tag, tag.as_str(), ""));
        for party in parties.into_iter().chain(tags).filter(|(_, id, _)| !id.is_empty()) {
            *sums.entry(party).or_default() += from_dollars(record.cost);
        }
    }
    sums.into_iter()
        .filter(|(_, nanos)| *nanos != 0)
        .map(|(party, nanos)| (party, nanos as f64 / 1e9))
        .collect()
}

type Held = ((Arc<str>, Arc<str>), (i64, i64));

fn held(changes: &Changes, settled: &Settled, is_holder: impl Fn(&str, &str) -> bool) -> Vec<Held> {
    let mut held = changes.held.clone();
    for ((key, worker), cost) in &settled.costs {
        if is_holder(key, worker) {
            held.entry((key.clone(), worker.clone())).or_default().0 -= cost;
        }
    }
    held.into_iter().collect()
}

#[cfg(test)]
mod tests;

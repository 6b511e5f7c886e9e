//! Limits in force: windows and leases, so that a restart forgets nothing.

use super::{Result, Store, on};
use crate::limits::{Change, Window};
use chrono::{DateTime, Utc};
use sqlx::FromRow;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

/// Differences to be written, added up by row.
#[derive(Debug, Clone, Default)]
pub struct Changes {
    /// By key: the latest window, requests and tokens in it.
    pub windows: BTreeMap<Arc<str>, (Window, i64, i64)>,
    /// By key and worker: nano-dollars and slots.
    pub held: BTreeMap<(Arc<str>, Arc<str>), (i64, i64)>,
    /// Workers whose rows are deleted before anything is added.
    pub gone: BTreeSet<Arc<str>>,
    /// Keys and workers whose rows are deleted if nothing is left in them.
    pub emptied: BTreeSet<(Arc<str>, Arc<str>)>,
}

impl Changes {
    /// Nothing to write.
    pub fn is_empty(&self) -> bool {
        self.windows.is_empty() && self.held.is_empty() && self.gone.is_empty() && self.emptied.is_empty()
    }

    /// Adds what a step changed in one key's account.
    pub fn add(&mut self, key: &Arc<str>, change: Change) {
        if let Some((window, requests, tokens)) = change.window {
            self.add_window(key, window, requests, tokens);
        }
        for (worker, nanos, slots) in change.held {
            let row = self.held.entry((key.clone(), worker)).or_default();
            *row = (row.0 + nanos, row.1 + slots);
        }
    }

    fn add_window(&mut self, key: &Arc<str>, window: Window, requests: i64, tokens: i64) {
        let row = self.windows.entry(key.clone()).or_insert((window, 0, 0));
        match window.id.cmp(&row.0.id) {
            std::cmp::Ordering::Less => {}
            std::cmp::Ordering::Equal => *row = (row.0, row.1 + requests, row.2 + tokens),
            std::cmp::Ordering::Greater => *row = (window, requests, tokens),
        }
    }

    /// Everything that this worker holds is released.
    pub fn forget(&mut self, worker: &Arc<str>) {
        self.held.retain(|(_, holder), _| holder != worker);
        self.gone.insert(worker.clone());
    }

    /// Adds later changes.
    pub fn merge(&mut self, later: Self) {
        for worker in &later.gone {
            self.forget(worker);
        }
        self.emptied.extend(later.emptied);
        for (key, (window, requests, tokens)) in later.windows {
            self.add_window(&key, window, requests, tokens);
        }
        for (row, (nanos, slots)) in later.held {
            let sum = self.held.entry(row).or_default();
            *sum = (sum.0 + nanos, sum.1 + slots);
        }
    }
}

/// One row of `lease`.
#[derive(Debug, Clone, FromRow, PartialEq, Eq)]
pub struct HeldRow {
    /// Hexadecimal SHA-256 of the key.
    pub key_hash: String,
    /// The VM's random name.
    pub worker: String,
    /// Nano-dollars.
    pub nanos: i64,
    /// Requests in flight, or kept for.
    pub slots: i64,
}

#[derive(FromRow)]
struct WindowRow {
    id: i64,
    started_at: DateTime<Utc>,
    requests: i64,
    tokens: i64,
}

impl Store {
    /// All leases there are.
    pub async fn leases(&self) -> Result<Vec<HeldRow>> {
        const SQL: &str = "SELECT key_hash, worker, nanos, slots FROM lease ORDER BY key_hash, worker";
        on!(self, |pool| sqlx::query_as(SQL).fetch_all(pool).await)
    }

    /// The last window of a key.
    pub async fn window(&self, key: &str) -> Result<Option<Window>> {
        const SQL: &str = "SELECT id, started_at, requests, tokens FROM limit_window WHERE key_hash = $1";
        let row: Option<WindowRow> =
            on!(self, |pool| sqlx::query_as(SQL).bind(key).fetch_optional(pool).await)?;
        Ok(row.map(|row| Window {
            id: row.id.cast_unsigned(),
            started_at: row.started_at,
            requests: row.requests,
            tokens: row.tokens,
        }))
    }
}

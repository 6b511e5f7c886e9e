//! The accounts in memory, and how they come from the database.

use super::{
    grants,
    scopes::{Scopes, Shared, effective, holder},
};
use crate::{
    limits::{Account, Limits, Window, from_dollars},
    store::{
        self, Store,
        keys::Key,
        leases::{Changes, HeldRow},
        ledger::Settled,
        parties::{self, Scope},
        periods::Due,
    },
};
use chrono::{DateTime, Duration, Utc};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use tokio::sync::watch;

/// How old what is known of a key may be. Changes made here are known at once; this is for those made elsewhere.
const FRESH: Duration = Duration::seconds(1);
/// How long an account that nobody uses stays in memory.
const KEPT: Duration = Duration::minutes(10);

/// When a budget period with this duration, running at this time, ends.
pub type PeriodEnd = fn(&str, DateTime<Utc>) -> Option<DateTime<Utc>>;

/// One key.
pub struct Entry {
    /// Hexadecimal SHA-256.
    pub key: Arc<str>,
    state: Mutex<State>,
    /// Open while a recall is under way; who waits for its outcome waits for it to close.
    pub recall: Mutex<Option<watch::Receiver<()>>>,
    reading: tokio::sync::Mutex<()>,
}

/// What can change of a key.
pub struct State {
    /// Limits and leases.
    pub account: Account,
    /// The key's row.
    pub row: Arc<Key>,
    /// What else binds it, in the order of names.
    pub scopes: Vec<Arc<Shared>>,
    /// Grants with a smaller serial number are void.
    pub void_before: u64,
    /// By worker: when it is to be told of this key again.
    pub warm_until: HashMap<Arc<str>, DateTime<Utc>>,
    read_at: DateTime<Utc>,
    /// Changes of the row that were heard of, and those that are in what was last read: who asks while it is being read
    /// must not take the old row for the new one.
    changes: (u64, u64),
    /// Grows with each settlement: one that happens while the row is read makes that reading worthless.
    settlements: u64,
}

impl Entry {
    fn new(row: Key, scopes: Vec<Arc<Shared>>, window: Option<Window>, now: DateTime<Utc>) -> Self {
        let limits = effective(grants::limits(&row), &scopes);
        let window = window.unwrap_or(Window::NONE);
        Self {
            key: Arc::from(row.token.as_str()),
            state: Mutex::new(State {
                account: Account::new(limits, from_dollars(row.spend), window),
                row: Arc::new(row),
                scopes,
                void_before: 0,
                warm_until: HashMap::new(),
                read_at: now,
                changes: (0, 0),
                settlements: 0,
            }),
            recall: Mutex::default(),
            reading: tokio::sync::Mutex::default(),
        }
    }

    /// The account and what belongs to it. Never held across an await.
    pub fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_fresh(&self, now: DateTime<Utc>) -> bool {
        let state = self.state();
        let is_over = |at: Option<DateTime<Utc>>| at.is_some_and(|at| at <= now);
        let reset_is_due = is_over(state.row.budget_reset_at)
            || state.scopes.iter().any(|shared| is_over(shared.state().party.budget_reset_at));
        state.changes.0 == state.changes.1 && !reset_is_due && now < state.read_at + FRESH
    }

    /// Has the row read again before it is used again.
    pub fn expire(&self) {
        self.state().changes.0 += 1;
    }
}

/// All accounts in use, by key.
pub struct Accounts {
    store: Store,
    period_end: PeriodEnd,
    /// What keys share.
    pub scopes: Scopes,
    entries: Mutex<HashMap<Arc<str>, Arc<Entry>>>,
}

impl Accounts {
    /// The accounts of which somebody holds a lease, as they were left.
    pub async fn restore(
        store: Store,
        period_end: PeriodEnd,
        leases: &[HeldRow],
        now: DateTime<Utc>,
    ) -> store::Result<Self> {
        let accounts = Self { store, period_end, scopes: Scopes::default(), entries: Mutex::default() };
        for lease in leases {
            if let Some(entry) = accounts.load(&lease.key_hash, now).await? {
                let mut state = entry.state();
                state.account.restore(lease.worker.as_str().into(), lease.nanos, lease.slots);
                // What was taken from the key was taken from all it belongs to.
                for shared in &state.scopes {
                    let mut shared = shared.state();
                    let of = |limit: Option<i64>, amount| if limit.is_some() { amount } else { 0 };
                    let Limits { nanos, slots, .. } = *shared.account.limits();
                    let name = holder(&lease.worker, &lease.key_hash);
                    shared.account.restore(name, of(nanos, lease.nanos), of(slots, lease.slots));
                }
            }
        }
        Ok(accounts)
    }

    fn entries(&self) -> MutexGuard<'_, HashMap<Arc<str>, Arc<Entry>>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The key's account if it is in memory.
    pub fn get(&self, key: &str) -> Option<Arc<Entry>> {
        self.entries().get(key).cloned()
    }

    /// All accounts in memory.
    pub fn all(&self) -> Vec<Arc<Entry>> {
        self.entries().values().cloned().collect()
    }

    /// The key's account, up to date; `None` if there is no such key.
    pub async fn load(&self, key: &str, now: DateTime<Utc>) -> store::Result<Option<Arc<Entry>>> {
        if let Some(entry) = self.get(key) {
            if entry.is_fresh(now) {
                return Ok(Some(entry));
            }
            return Ok(self.refresh(&entry, now).await?.then_some(entry));
        }
        let Some((row, scopes)) = self.read(key, now).await? else { return Ok(None) };
        let scopes = self.share(scopes, &HashMap::new(), now).await?;
        let new = Entry::new(row, scopes, self.store.window(key).await?, now);
        Ok(Some(self.entries().entry(new.key.clone()).or_insert_with(|| Arc::new(new)).clone()))
    }

    /// The accounts of these parties, in the order of names.
    async fn share(
        &self,
        rows: Vec<Scope>,
        before: &HashMap<Arc<str>, u64>,
        now: DateTime<Utc>,
    ) -> store::Result<Vec<Arc<Shared>>> {
        let mut scopes = Vec::with_capacity(rows.len());
        for row in rows {
            let name = row.party.scope();
            let window =
                if self.scopes.get(&name).is_some() { None } else { self.store.window(&name).await? };
            scopes.push(self.scopes.put(row, window, before, now));
        }
        scopes.sort_by(|one, other| one.name.cmp(&other.name));
        Ok(scopes)
    }

    async fn refresh(&self, entry: &Entry, now: DateTime<Utc>) -> store::Result<bool> {
        let _reading = entry.reading.lock().await;
        if entry.is_fresh(now) {
            return Ok(true);
        }
        loop {
            let (before, heard_of, of_scopes) = {
                let state = entry.state();
                (state.settlements, state.changes.0, Scopes::settlements(&state.scopes))
            };
            let (row, scopes) = match self.read(&entry.key, now).await {
                Ok(Some(read)) => read,
                nothing => {
                    entry.expire();
                    return nothing.map(|_| false);
                }
            };
            let scopes = self.share(scopes, &of_scopes, now).await?;
            let mut state = entry.state();
            if state.settlements == before {
                leave(&state.scopes, &scopes, &entry.key, now);
                state.account.update(effective(grants::limits(&row), &scopes), from_dollars(row.spend));
                state.read_at = now;
                state.changes.1 = heard_of;
                state.row = Arc::new(row);
                state.scopes = scopes;
                return Ok(true);
            }
        }
    }

    async fn read(&self, key: &str, now: DateTime<Utc>) -> store::Result<Option<(Key, Vec<Scope>)>> {
        let mut row = self.store.key(key).await?;
        if let Some(due) = row.as_ref().and_then(|row| due(row, now))
            && self.reset(&due, now).await?
        {
            row = self.store.key(key).await?;
        }
        let Some(mut row) = row else { return Ok(None) };
        if let Some(id) = &row.budget_id
            && let Some(budget) = self.store.budget(id).await?
        {
            row.max_budget = row.max_budget.or(budget.bounds.max_budget);
            row.rpm_limit = row.rpm_limit.or(budget.bounds.rpm_limit);
            row.tpm_limit = row.tpm_limit.or(budget.bounds.tpm_limit);
            row.max_parallel_requests = row.max_parallel_requests.or(budget.bounds.max_parallel_requests);
        }
        let mut scopes = self.scopes_of(&row).await?;
        let mut has_reset = false;
        for due in scopes.iter().filter_map(|scope| scope.due(now)) {
            has_reset |= self.reset_party(&due, now).await?;
        }
        if has_reset {
            scopes = self.scopes_of(&row).await?;
        }
        Ok(Some((row, scopes)))
    }

    /// Everybody the key belongs to, and its tags.
    async fn scopes_of(&self, key: &Key) -> store::Result<Vec<Scope>> {
        let (user, team) = (key.user_id.as_deref(), key.team_id.as_deref());
        let organization = key.organization_id.as_deref();
        let mut scopes = Vec::new();
        if user.or(team).or(organization).is_some() {
            scopes = self.store.scopes(user, team, organization).await?;
        }
        for tag in key.tags() {
            scopes.extend(self.store.tag_scope(&tag).await?);
        }
        Ok(scopes)
    }

    /// Begins a party's budget period in which `now` lies, however many have passed since.
    pub async fn reset_party(&self, due: &parties::Due, now: DateTime<Utc>) -> store::Result<bool> {
        match (self.period_end)(&due.budget_duration, now).filter(|next| *next > now) {
            Some(next) => self.store.reset_party(due, next).await,
            None => Ok(false),
        }
    }

    /// Begins the budget period in which `now` lies, however many have passed since.
    pub async fn reset(&self, due: &Due, now: DateTime<Utc>) -> store::Result<bool> {
        let Some(next) = (self.period_end)(&due.budget_duration, now).filter(|next| *next > now) else {
            tracing::warn!(
                key = due.token,
                duration = due.budget_duration,
                "a budget without a readable duration"
            );
            return Ok(false);
        };
        self.store.reset_budget(due, next).await
    }

    /// Moves what was settled from leases to the spend.
    pub fn settle(&self, settled: &Settled) {
        for (key, spend) in &settled.spend {
            if let Some(entry) = self.get(key) {
                let mut state = entry.state();
                state.settlements += 1;
                state.account.spent(from_dollars(*spend));
                for ((_, worker), cost) in settled.costs.iter().filter(|((of, _), _)| of == key) {
                    state.account.settle(worker, *cost);
                    for shared in &state.scopes {
                        shared.state().account.settle(&holder(worker, key), *cost);
                    }
                }
            }
        }
        for (name, spend) in &settled.parties {
            self.scopes.settle(name, *spend);
        }
    }

    /// Gives up reservations that nothing came of, and forgets workers that hold nothing and accounts that nobody uses.
    pub fn tidy(&self, now: DateTime<Utc>) -> Changes {
        let mut changes = Changes::default();
        self.entries().retain(|key, entry| {
            let mut state = entry.state();
            changes.add(key, state.account.expire(now));
            changes.emptied.extend(state.account.prune(now).into_iter().map(|worker| (key.clone(), worker)));
            let is_used = Arc::strong_count(entry) > 1 || now < state.read_at + KEPT;
            is_used || !state.account.is_idle(now)
        });
        self.scopes.tidy(now);
        changes
    }
}

/// The key does not belong any more to those it has left: what it held there is void.
fn leave(before: &[Arc<Shared>], after: &[Arc<Shared>], key: &str, now: DateTime<Utc>) {
    let has_stayed = |shared: &Arc<Shared>| after.iter().any(|other| Arc::ptr_eq(shared, other));
    for shared in before.iter().filter(|shared| !has_stayed(shared)) {
        shared.state().account.void_of(now, |name| name.ends_with(key));
    }
}

fn due(row: &Key, now: DateTime<Utc>) -> Option<Due> {
    Some(Due {
        token: row.token.clone(),
        budget_duration: row.budget_duration.clone()?,
        budget_reset_at: row.budget_reset_at.filter(|at| *at <= now)?,
    })
}

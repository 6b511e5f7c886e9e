//! What happens without being asked for: changes of keys, loss of workers, ends of budget periods, the end.

use super::{
    Gate,
    scopes::{concerns, holder},
};
use crate::{
    limits::from_dollars,
    store::{Store, leases::Changes, parties::scope},
};
use std::{
    collections::BTreeSet,
    sync::{Arc, atomic::Ordering},
    time::Duration,
};
use tianji_proto::Revoke;
use tokio::time::{Instant, sleep};

/// Between two rounds of upkeep.
const ROUND: Duration = Duration::from_secs(10);
/// Budget periods begun anew in one go.
const AT_ONCE: i64 = 500;
/// When draining: that long without a batch means that the workers have no more.
const QUIET: Duration = Duration::from_millis(300);

impl Gate {
    /// These keys (hexadecimal SHA-256), parties (`team:core`) or budgets (`budget:free`) were made, changed, blocked or
    /// deleted: whoever holds a grant of theirs must ask again. To be called once the change is in the database.
    pub fn changed(&self, names: &[String]) {
        let (keys, parties): (Vec<_>, Vec<_>) = names.iter().cloned().partition(|name| !name.contains(':'));
        let mut keys: BTreeSet<String> = keys.into_iter().collect();
        if !parties.is_empty() {
            let entries = self.accounts().all();
            let of_them = entries.iter().filter(|entry| {
                let state = entry.state();
                parties.iter().any(|name| concerns(name, &state.row, &state.scopes))
            });
            keys.extend(of_them.map(|entry| entry.key.to_string()));
        }
        self.keys_changed(&keys);
    }

    fn keys_changed(&self, keys: &BTreeSet<String>) {
        if keys.is_empty() {
            return;
        }
        let now = self.now();
        let mut changes = Changes::default();
        let mut unused = Vec::new();
        for key in keys {
            let Ok(key_hash) = hex::decode(key) else { continue };
            let Some(entry) = self.accounts().get(key) else {
                unused.push(key_hash);
                continue;
            };
            entry.expire();
            // Under the account's lock: no grant with a larger serial number can reach a worker before the revocation.
            let mut state = entry.state();
            let serial = self.next_serial();
            state.void_before = serial;
            state.warm_until.clear();
            changes.add(&entry.key, state.account.void(now));
            for shared in &state.scopes {
                shared.state().account.void_of(now, |name| name.ends_with(&*entry.key));
            }
            self.recalls().void(&entry.key);
            self.workers().revoke(&Revoke { key_hashes: vec![key_hash], serial });
        }
        drop(self.writer().write(changes));
        if !unused.is_empty() {
            self.workers().revoke(&Revoke { key_hashes: unused, serial: self.next_serial() });
        }
    }

    /// Any of the keys may have changed: news of some got lost.
    pub fn all_changed(&self) {
        let keys: Vec<String> = self.accounts().all().iter().map(|entry| entry.key.to_string()).collect();
        self.changed(&keys);
    }

    /// Lets the workers bring what they have and writes it, for at most `limit`; then ends their Links. Leases stay
    /// as they are for whoever comes next.
    pub async fn drain(&self, limit: Duration) {
        self.0.is_draining.store(true, Ordering::Relaxed);
        let end = Instant::now() + limit;
        let mut seen = self.0.settlements.load(Ordering::Relaxed);
        while Instant::now() + QUIET < end {
            sleep(QUIET).await;
            let now = self.0.settlements.load(Ordering::Relaxed);
            if now == seen {
                break;
            }
            seen = now;
        }
        // The queue is written in order: when this is written, all before it is.
        let last = self.writer().write(Changes::default());
        if tokio::time::timeout_at(end, last).await.is_err() {
            tracing::error!("not everything could be written; the workers will send it again");
        }
        self.workers().close();
    }

    /// A worker has asked for something.
    pub(super) fn look_after(&self, worker: &Arc<str>) {
        if self.workers().seen(worker, self.next_serial()) {
            self.await_return(worker);
        }
    }

    /// Releases what a worker holds unless it is back in time.
    pub(super) fn await_return(&self, worker: &Arc<str>) {
        let (gate, worker) = (self.clone(), worker.clone());
        tokio::spawn(async move {
            if gate.workers().lost(&worker).await {
                gate.release(&worker);
            }
        });
    }

    fn release(&self, worker: &Arc<str>) {
        tracing::warn!(%worker, "a worker did not come back; its leases are released");
        self.recalls().gone(worker);
        for entry in self.accounts().all() {
            let mut state = entry.state();
            state.account.release(worker);
            for shared in &state.scopes {
                shared.state().account.release(&holder(worker, &entry.key));
            }
        }
        let mut changes = Changes::default();
        changes.forget(worker);
        drop(self.writer().write(changes));
    }

    /// Starts the rounds; they end with the gate.
    pub(super) fn start_upkeep(&self, store: Store) {
        let inner = Arc::downgrade(&self.0);
        tokio::spawn(async move {
            loop {
                sleep(ROUND).await;
                let Some(gate) = inner.upgrade().map(Gate) else { return };
                gate.tidy();
                if let Err(error) = gate.begin_periods(&store).await {
                    tracing::error!(%error, "budget periods cannot be begun");
                }
            }
        });
    }

    pub(super) fn tidy(&self) {
        let changes = self.accounts().tidy(self.now());
        if !changes.is_empty() {
            drop(self.writer().write(changes));
        }
    }

    /// Begins the budget periods that are due, also of keys that nobody uses.
    pub(super) async fn begin_periods(&self, store: &Store) -> crate::store::Result<()> {
        let now = self.now();
        for due in store.due_budgets(now, AT_ONCE).await? {
            if self.accounts().reset(&due, now).await?
                && let Some(entry) = self.accounts().get(&due.token)
            {
                entry.state().account.spent(from_dollars(0.0));
                entry.expire();
            }
        }
        for due in store.due_parties(now, AT_ONCE).await? {
            if self.accounts().reset_party(&due, now).await? && due.budget_reset_at.is_some() {
                self.accounts().scopes.settle(&scope(due.kind, &due.id, &due.member), 0.0);
            }
        }
        Ok(())
    }
}

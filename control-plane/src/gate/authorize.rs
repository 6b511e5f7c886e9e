//! May this caller spend this much?

use super::{Gate, accounts::Entry, denials, grants, recall::Outcome as Recalled, workers::Workers};
use crate::{
    limits::{Ask, Lease, Shortage},
    store::leases::Changes,
};
use chrono::{DateTime, Utc};
use std::{sync::Arc, time::Duration};
use tianji_proto::{Amount, AuthorizeRequest, Denial, Grant, authorize_response::Outcome, down::Kind};
use tonic::Status;

/// How many recalls a caller waits for at most: one of its own, and others while leases are still on their way.
const ROUNDS: usize = 4;
/// How long a lease may take to be written.
const COMMIT: Duration = Duration::from_secs(2);

/// One question on its way.
struct Question {
    worker: Arc<str>,
    need: Amount,
    received: Option<u64>,
}

/// What one look at the account gave.
enum Look<'a> {
    Leased(Box<Pending<'a>>),
    Denied(Denial),
    Short(Shortage, Denial),
}

/// A lease that is not handed out yet. Dropped, it is taken back: also when the caller hangs up.
struct Pending<'a> {
    gate: &'a Gate,
    entry: Arc<Entry>,
    worker: Arc<str>,
    serial: u64,
    changes: Changes,
    grant: Grant,
    is_handed_out: bool,
}

impl Drop for Pending<'_> {
    fn drop(&mut self) {
        if !self.is_handed_out {
            let mut changes = Changes::default();
            changes.add(&self.entry.key, self.entry.state().account.cancel(&self.worker, self.serial));
            drop(self.gate.writer().write(changes));
        }
    }
}

impl Gate {
    /// Answers one `Authorize`.
    pub(super) async fn decide(&self, request: AuthorizeRequest) -> Result<Outcome, Status> {
        let key = hex::encode(&request.key_hash);
        if self.is_master(&key) {
            return Ok(Outcome::Grant(grants::master(request.key_hash, self.next_serial(), self.now())));
        }
        if request.worker.is_empty() || request.worker.len() > super::LONGEST_WORKER {
            return Err(Status::invalid_argument("who is asking?"));
        }
        let question = Question {
            worker: Arc::from(request.worker),
            need: request.need.unwrap_or_default(),
            received: request.received,
        };
        self.look_after(&question.worker);
        let (mut rounds, mut has_asked) = (0, false);
        loop {
            let Some(entry) = self.account(&key).await? else {
                return Ok(Outcome::Denial(denials::unknown(&key, self.now())));
            };
            match self.look(&entry, &question) {
                Look::Denied(denial) => return Ok(Outcome::Denial(denial)),
                Look::Leased(pending) => {
                    if let Some(grant) = self.hand_out(*pending).await? {
                        return Ok(Outcome::Grant(grant));
                    }
                }
                Look::Short(shortage, denial) => {
                    let is_settled = has_asked && !shortage.is_unsettled;
                    if shortage.is_final || is_settled || rounds == ROUNDS || shortage.holders.is_empty() {
                        return Ok(Outcome::Denial(denial));
                    }
                    has_asked |= self.recall(&entry, &shortage.holders).await == Recalled::Asked;
                    rounds += 1;
                }
            }
        }
    }

    async fn account(&self, key: &str) -> Result<Option<Arc<Entry>>, Status> {
        let entry = self.accounts().load(key, self.now()).await;
        entry.map_err(|error| {
            tracing::error!(%error, "a key cannot be read");
            Status::unavailable("the key cannot be read")
        })
    }

    fn look(&self, entry: &Arc<Entry>, question: &Question) -> Look<'_> {
        let now = self.now();
        let workers = self.workers().connected().len();
        let mut changes = Changes::default();
        let mut state = entry.state();
        if let Some(denial) = denials::unusable(&state.row, now) {
            return Look::Denied(denial);
        }
        for change in question
            .received
            .into_iter()
            .flat_map(|serial| state.account.acknowledge(&question.worker, serial))
        {
            changes.add(&entry.key, change);
        }
        // Under the account's lock, so that numbers grow in the order of grants and revocations.
        let serial = self.next_serial();
        let is_only = question.received.is_some();
        let ask = Ask { worker: &question.worker, need: question.need, workers, serial, is_only };
        match state.account.authorize(now, ask) {
            Ok((Lease { amount, window }, change)) => {
                changes.add(&entry.key, change);
                let grant = grants::grant(&state.row, &window, state.account.settled(), serial, now);
                let grant = Grant { lease: Some(amount), ..grant };
                let (entry, worker) = (entry.clone(), question.worker.clone());
                let is_handed_out = false;
                Look::Leased(Box::new(Pending {
                    gate: self,
                    entry,
                    worker,
                    serial,
                    changes,
                    grant,
                    is_handed_out,
                }))
            }
            Err(shortage) => {
                drop(self.writer().write(changes));
                let spend = grants::dollars(state.account.settled());
                let denial = denials::short(&state.row, &shortage, spend, now);
                Look::Short(shortage, denial)
            }
        }
    }

    /// Hands a lease out once it is written. `None` if the key was changed meanwhile: look again.
    async fn hand_out(&self, mut pending: Pending<'_>) -> Result<Option<Grant>, Status> {
        if !pending.changes.is_empty() {
            let written = self.writer().write(std::mem::take(&mut pending.changes));
            if !matches!(tokio::time::timeout(COMMIT, written).await, Ok(Ok(_))) {
                return Err(Status::unavailable("the lease cannot be written"));
            }
        }
        {
            let mut state = pending.entry.state();
            if state.void_before > pending.serial {
                return Ok(None);
            }
            state.account.hand_out(&pending.worker, self.next_serial());
        }
        pending.is_handed_out = true;
        warm(self.workers(), &pending, self.now());
        Ok(Some(std::mem::take(&mut pending.grant)))
    }
}

/// Tells the other workers of the key, so that its first request there finds it known.
fn warm(workers: &Workers, pending: &Pending<'_>, now: DateTime<Utc>) {
    let until = now + grants::REFRESH;
    let connected = workers.connected();
    let cold: Vec<_> = {
        let mut state = pending.entry.state();
        state.warm_until.retain(|_, until| *until > now);
        state.warm_until.insert(pending.worker.clone(), until);
        let cold: Vec<_> = connected.into_iter().filter(|w| !state.warm_until.contains_key(w)).collect();
        state.warm_until.extend(cold.iter().map(|worker| (worker.clone(), until)));
        cold
    };
    for worker in cold {
        let grant = Grant { lease: None, ..pending.grant.clone() };
        workers.send(&worker, Kind::Warm(grant));
    }
}

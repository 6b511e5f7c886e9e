//! May this caller spend this much?

use super::{
    Gate,
    accounts::{Entry, State},
    denials::{self, Bound},
    grants,
    recall::{Outcome as Recalled, Wanted},
    scopes::{self, Shared, holder},
    workers::Workers,
};
use crate::{
    limits::{Ask, Dimension, Lease, Limits, Shortage},
    store::leases::Changes,
};
use chrono::{DateTime, Utc};
use std::{collections::HashSet, sync::Arc, time::Duration};
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
    Short(Box<Lack>),
}

/// Somebody has too little of something.
struct Lack {
    shortage: Shortage,
    denial: Denial,
    /// Whose account it is, where it is not the key's.
    scope: Option<Arc<Shared>>,
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
            let mut state = self.entry.state();
            changes.add(&self.entry.key, state.account.cancel(&self.worker, self.serial));
            for shared in &state.scopes {
                let change =
                    shared.state().account.cancel(&holder(&self.worker, &self.entry.key), self.serial);
                changes.add(&shared.name, scopes::written(change));
            }
            drop(state);
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
        let (mut rounds, mut asked) = (0, HashSet::new());
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
                Look::Short(lack) => {
                    let Lack { shortage, denial, scope } = *lack;
                    let name = scope.as_ref().map_or_else(|| entry.key.clone(), |shared| shared.name.clone());
                    let is_settled = asked.contains(&name) && !shortage.is_unsettled;
                    if shortage.is_final || is_settled || rounds == ROUNDS || shortage.holders.is_empty() {
                        return Ok(Outcome::Denial(denial));
                    }
                    let wanted = Wanted::new(&entry, scope.as_deref(), &shortage.holders);
                    if self.recall(wanted).await == Recalled::Asked {
                        asked.insert(name);
                    }
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
        let blocked = || state.scopes.iter().find_map(|shared| denials::blocked(&shared.state().party, now));
        if let Some(denial) = denials::unusable(&state.row, now).or_else(blocked) {
            return Look::Denied(denial);
        }
        if let Some(serial) = question.received {
            acknowledge(&mut state, entry, question, serial, &mut changes);
        }
        // Under the account's lock, so that numbers grow in the order of grants and revocations.
        let serial = self.next_serial();
        let (is_only, is_aligned) = (question.received.is_some(), scopes::is_aligned(&state.scopes));
        let ask = Ask { worker: &question.worker, need: question.need, workers, serial, is_only, is_aligned };
        match lease(&mut state, &entry.key, now, ask, &mut changes) {
            Ok(Lease { amount, window }) => {
                let spent = state.account.settled();
                let grant = grants::grant(&state.row, &state.scopes, &window, spent, serial, now);
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
            Err(lack) => {
                drop(self.writer().write(changes));
                Look::Short(lack)
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
            let serial = self.next_serial();
            state.account.hand_out(&pending.worker, serial);
            for shared in &state.scopes {
                shared.state().account.hand_out(&holder(&pending.worker, &pending.entry.key), serial);
            }
        }
        pending.is_handed_out = true;
        warm(self.workers(), &pending, self.now());
        Ok(Some(std::mem::take(&mut pending.grant)))
    }
}

/// What the worker did not get is taken back, from the key and from all it belongs to.
fn acknowledge(state: &mut State, entry: &Entry, question: &Question, received: u64, changes: &mut Changes) {
    for change in state.account.acknowledge(&question.worker, received) {
        changes.add(&entry.key, change);
    }
    let name = holder(&question.worker, &entry.key);
    for shared in &state.scopes {
        for change in shared.state().account.acknowledge(&name, received) {
            changes.add(&shared.name, scopes::written(change));
        }
    }
}

/// Takes a lease from the key's account and from those of all it belongs to: as much as the one with the least offers,
/// or from none of them. All are locked meanwhile, the key's first and then in the order of names.
fn lease(
    state: &mut State,
    key: &Arc<str>,
    now: DateTime<Utc>,
    ask: Ask<'_>,
    changes: &mut Changes,
) -> Result<Lease, Box<Lack>> {
    let name = holder(ask.worker, key);
    let of_scope = Ask { worker: &name, ..ask };
    let mut shared: Vec<_> = state.scopes.iter().map(|shared| (shared, shared.state())).collect();
    let mut lacks = Vec::new();
    let mut amount = match state.account.offer(now, &ask) {
        Ok(amount) => amount,
        Err(shortage) => {
            let spend = grants::dollars(state.account.settled());
            let denial = denials::short(Bound::Key(&state.row), &shortage, spend, now);
            lacks.push(Lack { shortage, denial, scope: None });
            Amount::default()
        }
    };
    for (scope, held) in &shared {
        match held.account.offer(now, &of_scope) {
            Ok(offer) => amount = least(amount, offer, held.account.limits()),
            Err(shortage) => {
                let spend = grants::dollars(held.account.settled());
                let denial = denials::short(Bound::Party(&held.party), &shortage, spend, now);
                lacks.push(Lack { shortage, denial, scope: Some(Arc::clone(scope)) });
            }
        }
    }
    // The one that nothing can change goes first: there is no use in asking for what others have idle.
    lacks.sort_by_key(|lack| !lack.shortage.is_final);
    if !lacks.is_empty() {
        return Err(Box::new(lacks.swap_remove(0)));
    }
    for (scope, held) in &mut shared {
        let (_, change) = held.account.take(now, &of_scope, amount);
        changes.add(&scope.name, scopes::written(change));
    }
    let (lease, change) = state.account.take(now, &ask, amount);
    changes.add(key, change);
    Ok(lease)
}

/// The smaller offer, of what is limited.
fn least(mut amount: Amount, offer: Amount, limits: &Limits) -> Amount {
    for dimension in Dimension::ALL.into_iter().filter(|dimension| limits.binds(*dimension)) {
        let least = dimension.of(&amount).min(dimension.of(&offer));
        *dimension.of_mut(&mut amount) = least;
    }
    amount
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

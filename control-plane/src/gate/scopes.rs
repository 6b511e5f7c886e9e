//! What keys share: the accounts of users, teams, their members and organizations. Whatever is leased for a key is taken
//! from each of them in the same step, under the name of the worker and the key, and comes back to each of them.

use super::grants;
use crate::{
    limits::{Account, Change, Limits, Window, from_dollars},
    store::parties::{Kind, Party, Scope, scope},
};
use chrono::{DateTime, Duration, Utc};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use tokio::sync::watch;

/// How long an account that nobody uses stays in memory.
const KEPT: Duration = Duration::minutes(10);

/// One party's account.
pub struct Shared {
    /// `team:core`
    pub name: Arc<str>,
    state: Mutex<State>,
    /// As `Entry::recall`.
    pub recall: Mutex<Option<watch::Receiver<()>>>,
}

/// What can change of it.
pub struct State {
    /// Limits and leases, by worker and key.
    pub account: Account,
    /// The party, with the limits in force.
    pub party: Arc<Party>,
    settlements: u64,
    used_at: DateTime<Utc>,
}

impl Shared {
    /// The account and what belongs to it. Never held across an await, and locked after the key's, in the order of names.
    pub fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The name under which a worker holds a key's share.
pub fn holder(worker: &str, key: &str) -> Arc<str> {
    Arc::from(format!("{worker}|{key}"))
}

/// The worker and the key of a name that `holder` made.
pub fn held_by(name: &str) -> Option<(Arc<str>, Arc<str>)> {
    let (worker, key) = name.rsplit_once('|')?;
    Some((worker.into(), key.into()))
}

/// The limits of a key's own account: where only somebody else limits something, it is counted there without a limit.
pub fn effective(own: Limits, scopes: &[Arc<Shared>]) -> Limits {
    let mut limits = own;
    for shared in scopes {
        let state = shared.state();
        for dimension in crate::limits::Dimension::ALL {
            if state.account.limits().binds(dimension) && !limits.binds(dimension) {
                *limits.of_mut(dimension) = Some(i64::MAX / 4);
            }
        }
    }
    limits
}

/// The tightest limits of a key and all it belongs to: what a worker is told.
pub fn tightest(own: Limits, scopes: &[Arc<Shared>]) -> Limits {
    let mut limits = own;
    for shared in scopes {
        let state = shared.state();
        for dimension in crate::limits::Dimension::ALL {
            let both = [limits.of(dimension), state.account.limits().of(dimension)];
            *limits.of_mut(dimension) = both.into_iter().flatten().min();
        }
    }
    limits
}

/// Whether minutes count for somebody the key belongs to, so that its window has to turn with theirs.
pub fn is_aligned(scopes: &[Arc<Shared>]) -> bool {
    scopes.iter().any(|shared| {
        let state = shared.state();
        state.account.limits().requests.is_some() || state.account.limits().tokens.is_some()
    })
}

/// Whether news of `name` concerns a key of this user, team and organization.
pub fn concerns(name: &str, key: &crate::store::keys::Key, scopes: &[Arc<Shared>]) -> bool {
    let of =
        |kind: Kind, id: Option<&str>, member: &str| id.is_some_and(|id| scope(kind, id, member) == name);
    let (user, team) = (key.user_id.as_deref(), key.team_id.as_deref());
    let mut organizations = key.organization_id.iter().cloned().collect::<Vec<_>>();
    let mut budgets = key.budget_id.iter().cloned().collect::<Vec<_>>();
    for shared in scopes {
        let state = shared.state();
        organizations.extend(state.party.organization_id.clone());
        budgets.extend(state.party.budget_id.clone());
    }
    let member = user.unwrap_or_default();
    of(Kind::User, user, "")
        || of(Kind::Team, team, "")
        || (user.is_some() && of(Kind::TeamMember, team, member))
        || organizations.iter().any(|id| of(Kind::Organization, Some(id), ""))
        || (user.is_some() && organizations.iter().any(|id| of(Kind::OrganizationMember, Some(id), member)))
        || key.tags().iter().any(|tag| of(Kind::Tag, Some(tag), ""))
        || budgets.iter().any(|id| format!("budget:{id}") == name)
}

/// What a change of a shared account leaves to be written: its window. Who holds what of it is written with the keys.
pub fn written(mut change: Change) -> Change {
    change.held.clear();
    change
}

/// All shared accounts in memory, by name.
#[derive(Default)]
pub struct Scopes(Mutex<HashMap<Arc<str>, Arc<Shared>>>);

impl Scopes {
    fn open(&self) -> MutexGuard<'_, HashMap<Arc<str>, Arc<Shared>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// One of them.
    pub fn get(&self, name: &str) -> Option<Arc<Shared>> {
        self.open().get(name).cloned()
    }

    /// How often each of these has been settled: what is read now is outdated once that has grown.
    pub fn settlements(scopes: &[Arc<Shared>]) -> HashMap<Arc<str>, u64> {
        scopes.iter().map(|shared| (shared.name.clone(), shared.state().settlements)).collect()
    }

    /// The account of a party as it was just read. `window` is the last one, for an account that is not in memory;
    /// `before` says which readings of spend still hold.
    pub fn put(
        &self,
        row: Scope,
        window: Option<Window>,
        before: &HashMap<Arc<str>, u64>,
        now: DateTime<Utc>,
    ) -> Arc<Shared> {
        let party = Arc::new(row.party);
        let name: Arc<str> = party.scope().into();
        let (limits, spent) = (grants::party_limits(&party), from_dollars(party.spend));
        let new = || {
            let account = Account::new(limits, spent, window.unwrap_or(Window::NONE));
            let state = State { account, party: party.clone(), settlements: 0, used_at: now };
            Arc::new(Shared { name: name.clone(), state: Mutex::new(state), recall: Mutex::default() })
        };
        let shared = self.open().entry(name.clone()).or_insert_with(new).clone();
        let mut state = shared.state();
        let spent =
            if before.get(&name) == Some(&state.settlements) { spent } else { state.account.settled() };
        state.account.update(limits, spent);
        state.party = party;
        state.used_at = now;
        drop(state);
        shared
    }

    /// The ledger has this for the party now.
    pub fn settle(&self, name: &str, spend: f64) {
        if let Some(shared) = self.get(name) {
            let mut state = shared.state();
            state.settlements += 1;
            state.account.spent(from_dollars(spend));
        }
    }

    /// Gives up reservations that nothing came of, and forgets what nobody holds or uses.
    pub fn tidy(&self, now: DateTime<Utc>) {
        self.open().retain(|_, shared| {
            let mut state = shared.state();
            state.account.expire(now);
            state.account.prune(now);
            Arc::strong_count(shared) > 1 || now < state.used_at + KEPT || !state.account.is_idle(now)
        });
    }
}

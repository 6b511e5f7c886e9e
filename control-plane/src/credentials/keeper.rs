//! Who decides when a token is asked for: at once when a deployment first wants it, again when most of its life is over,
//! and, where that fails, again and again. Without I/O and without waiting but for `run` and `settled`.

mod held;

use super::{Credential, Desk, Error, Source, Token};
use crate::catalog::Catalog;
use chrono::{DateTime, Utc};
use held::Held;
use schemars::JsonSchema;
use serde::Serialize;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};
use tokio::{
    sync::{Notify, watch},
    task::JoinSet,
    time::{sleep, timeout},
};

/// The longest the keeper sleeps: the system's clock can be moved.
const NAP: Duration = Duration::from_secs(30);

/// Keeps a fresh token of every credential that the catalog names.
pub struct Keeper {
    desk: Arc<Desk>,
    held: Mutex<BTreeMap<Arc<str>, Held>>,
    /// There may be something due.
    wake: Notify,
    /// Counts the attempts that ended.
    ended: watch::Sender<u64>,
    /// Counts the changes of what `furnish` gives.
    changed: watch::Sender<u64>,
    /// Counts how often a credential came to have a token or to have none.
    turns: AtomicI64,
}

/// How it stands with one credential.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Standing {
    /// Who issues the tokens.
    pub issuer: &'static str,
    /// The deployments that share it, by id.
    pub deployments: BTreeSet<String>,
    /// There is a token that is good. Deployments are not served without one.
    pub held: bool,
    /// The end of the token's life. It is renewed before.
    pub expires: Option<DateTime<Utc>>,
    /// Why the last attempt to get one failed, in the issuer's words, which may name accounts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// A token to be asked for.
struct Errand {
    id: Arc<str>,
    source: Arc<dyn Source>,
    desk: Arc<Desk>,
}

impl Errand {
    async fn run(self) -> (Arc<str>, Result<Token, Error>) {
        let result = self.source.token(&self.desk).await;
        (self.id, result)
    }
}

impl Keeper {
    /// One that holds nothing.
    pub fn new(desk: Desk) -> Self {
        Self {
            desk: Arc::new(desk),
            held: Mutex::default(),
            wake: Notify::new(),
            ended: watch::Sender::default(),
            changed: watch::Sender::default(),
            turns: AtomicI64::new(0),
        }
    }

    /// From now on these deployments' credentials are kept, and no others.
    pub fn want(&self, catalog: &Catalog) {
        let mut held = self.lock();
        for one in held.values_mut() {
            one.deployments.clear();
        }
        for model in &catalog.models {
            let Some(Credential { id, source }) = &model.credential else { continue };
            let one =
                held.entry(id.clone()).or_insert_with(|| Held::new(source.clone(), self.desk.clock.now()));
            one.deployments.insert(model.deployment.id.clone());
        }
        held.retain(|_, one| !one.deployments.is_empty());
        self.wake.notify_one();
    }

    /// The catalog with the tokens there are. Its revision grows also with every credential that has one again.
    pub fn furnish(&self, catalog: &Catalog) -> Catalog {
        let held = self.lock();
        let mut catalog = catalog.clone();
        catalog.revision += self.turns.load(Ordering::Relaxed);
        for model in &mut catalog.models {
            let Some(credential) = &model.credential else { continue };
            let token = held.get(&credential.id).and_then(|one| one.token.as_ref());
            model.key = token.map(|token| token.value.clone());
        }
        catalog
    }

    /// Waits until every credential has been asked for once, but not for ever.
    pub async fn settled(&self, patience: Duration) {
        let mut ended = self.ended.subscribe();
        let all = ended.wait_for(|_| self.lock().values().all(Held::was_asked_for));
        // Neither an end of the wait nor of the keeper is an error.
        let _ = timeout(patience, all).await;
    }

    /// Sees every change of what `furnish` gives.
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.changed.subscribe()
    }

    /// How it stands with every credential.
    pub fn standings(&self) -> Vec<Standing> {
        self.lock().values().map(Held::standing).collect()
    }

    /// Keeps them, until it is dropped.
    pub async fn run(&self) {
        let mut errands = JoinSet::new();
        loop {
            for errand in self.due() {
                errands.spawn(errand.run());
            }
            tokio::select! {
                Some(ended) = errands.join_next() => {
                    if let Ok((id, result)) = ended {
                        self.note(&id, result);
                    }
                }
                () = self.wake.notified() => {}
                () = sleep(self.pause()) => {}
            }
        }
    }

    /// What has to be asked for now. Tokens whose life is over are gone.
    fn due(&self) -> Vec<Errand> {
        let now = self.desk.clock.now();
        let (mut errands, mut lost) = (Vec::new(), false);
        for (id, one) in self.lock().iter_mut() {
            if one.drop_expired(now) {
                self.turns.fetch_add(1, Ordering::Relaxed);
                lost = true;
            }
            if one.due <= now && !one.asked {
                one.asked = true;
                let (id, source) = (id.clone(), one.source.clone());
                errands.push(Errand { id, source, desk: self.desk.clone() });
            }
        }
        if lost {
            self.changed.send_modify(|changes| *changes += 1);
        }
        errands
    }

    /// Takes what an errand has brought.
    fn note(&self, id: &str, result: Result<Token, Error>) {
        let mut held = self.lock();
        if let Some(one) = held.get_mut(id) {
            one.asked = false;
            if one.token.is_none() && result.is_ok() {
                self.turns.fetch_add(1, Ordering::Relaxed);
            }
            let changed = one.take(result, self.desk.clock.now());
            drop(held);
            if changed {
                self.changed.send_modify(|changes| *changes += 1);
            }
        }
        self.ended.send_modify(|ended| *ended += 1);
    }

    /// Until the next thing is due.
    fn pause(&self) -> Duration {
        let now = self.desk.clock.now();
        let held = self.lock();
        let expiries = held.values().filter_map(|one| Some(one.token.as_ref()?.expires));
        let dues = held.values().filter(|one| !one.asked).map(|one| one.due);
        let next = dues.chain(expiries).min();
        next.map_or(NAP, |next| (next - now).to_std().unwrap_or_default().min(NAP))
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<Arc<str>, Held>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;

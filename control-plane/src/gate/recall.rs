//! One recall: ask, wait, and let the others who need the same wait with us.

use super::{
    Gate,
    accounts::Entry,
    scopes::{Shared, held_by},
};
use crate::store::leases::Changes;
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tianji_proto::{Recall, down::Kind};
use tokio::{
    sync::{oneshot, watch},
    time::timeout,
};

/// How long to wait for what others have idle.
const PATIENCE: Duration = Duration::from_millis(200);

/// What part a caller had in a recall that is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The workers were asked on its behalf.
    Asked,
    /// Somebody else was asking already.
    Joined,
}

/// What is short, and who may have some of it.
pub struct Wanted<'a> {
    under_way: &'a Mutex<Option<watch::Receiver<()>>>,
    /// By key, its workers.
    holders: BTreeMap<Arc<str>, Vec<Arc<str>>>,
}

impl<'a> Wanted<'a> {
    /// Of a key's own account, or of one that it shares.
    pub fn new(entry: &'a Entry, scope: Option<&'a Shared>, holders: &[Arc<str>]) -> Self {
        let Some(scope) = scope else {
            let holders = BTreeMap::from([(entry.key.clone(), holders.to_vec())]);
            return Self { under_way: &entry.recall, holders };
        };
        let mut by_key: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for (worker, key) in holders.iter().filter_map(|name| held_by(name)) {
            by_key.entry(key).or_default().push(worker);
        }
        Self { under_way: &scope.recall, holders: by_key }
    }
}

impl Gate {
    /// Has what these workers have idle come back, or waits for the recall that is under way.
    pub(super) async fn recall(&self, wanted: Wanted<'_>) -> Outcome {
        let (over, watch) = watch::channel(());
        let under_way = {
            let mut current = wanted.under_way.lock().unwrap_or_else(PoisonError::into_inner);
            // One whose caller has hung up has closed its channel.
            let under_way = current.take().filter(|recall| recall.has_changed().is_ok());
            *current = Some(under_way.clone().unwrap_or(watch));
            under_way
        };
        if let Some(mut recall) = under_way {
            // It ends by closing, in time.
            let _ = timeout(PATIENCE, recall.changed()).await;
            return Outcome::Joined;
        }
        self.ask_all(&wanted.holders).await;
        drop(over);
        Outcome::Asked
    }

    async fn ask_all(&self, holders: &BTreeMap<Arc<str>, Vec<Arc<str>>>) {
        // Leases that are being written leave first: until then nobody could return anything of them.
        let _ = timeout(PATIENCE, self.writer().write(Changes::default())).await;
        tokio::task::yield_now().await;
        let answers: Vec<_> = holders.iter().filter_map(|(key, workers)| self.ask(key, workers)).collect();
        let all = async {
            for answer in answers {
                // An error means that nobody is waited for any more.
                let _ = answer.await;
            }
        };
        if timeout(PATIENCE, all).await.is_err() {
            tracing::debug!(keys = holders.len(), "a worker did not answer a recall in time");
        }
    }

    /// Asks the workers that are connected for what they have idle of a key.
    fn ask(&self, key: &Arc<str>, workers: &[Arc<str>]) -> Option<oneshot::Receiver<()>> {
        let id = self.next_serial();
        let key_hash = hex::decode(&**key).unwrap_or_default();
        let connected = self.workers().connected();
        let asked: Vec<_> = workers.iter().filter(|worker| connected.contains(worker)).cloned().collect();
        if asked.is_empty() {
            return None;
        }
        let answered = self.recalls().ask(id, key, &asked);
        for worker in &asked {
            if !self.workers().send(worker, Kind::Recall(Recall { id, key_hash: key_hash.clone() })) {
                self.recalls().unreachable(worker);
            }
        }
        Some(answered)
    }
}

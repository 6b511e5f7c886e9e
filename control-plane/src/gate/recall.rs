//! One recall: ask, wait, and let the others who need the same wait with us.

use super::{Gate, accounts::Entry};
use crate::store::leases::Changes;
use std::{
    sync::{Arc, PoisonError},
    time::Duration,
};
use tianji_proto::{Recall, down::Kind};
use tokio::{sync::watch, time::timeout};

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

impl Gate {
    /// Has what these workers have idle of the key come back, or waits for the recall that is under way.
    pub(super) async fn recall(&self, entry: &Entry, holders: &[Arc<str>]) -> Outcome {
        let (over, watch) = watch::channel(());
        let under_way = {
            let mut current = entry.recall.lock().unwrap_or_else(PoisonError::into_inner);
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
        self.ask_all(entry, holders).await;
        drop(over);
        Outcome::Asked
    }

    async fn ask_all(&self, entry: &Entry, holders: &[Arc<str>]) {
        // Leases that are being written leave first: until then nobody could return anything of them.
        let _ = timeout(PATIENCE, self.writer().write(Changes::default())).await;
        tokio::task::yield_now().await;
        let id = self.next_serial();
        let key_hash = hex::decode(&*entry.key).unwrap_or_default();
        let connected = self.workers().connected();
        let asked: Vec<_> = holders.iter().filter(|worker| connected.contains(worker)).cloned().collect();
        if asked.is_empty() {
            return;
        }
        let answered = self.recalls().ask(id, &entry.key, &asked);
        for worker in &asked {
            if !self.workers().send(worker, Kind::Recall(Recall { id, key_hash: key_hash.clone() })) {
                self.recalls().unreachable(worker);
            }
        }
        if timeout(PATIENCE, answered).await.is_err() {
            tracing::debug!(key = %entry.key, "a worker did not answer a recall in time");
        }
    }
}

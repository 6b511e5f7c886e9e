//! One task writes everything; what arrives while it writes goes into the next transaction together.

use super::accounts::Accounts;
use crate::store::{
    Store,
    leases::Changes,
    ledger::{self, Settled},
};
use std::{sync::Arc, time::Duration};
use tianji_proto::Record;
use tokio::sync::{mpsc, oneshot};

/// No more records than this in one transaction, so that grants do not wait for long.
const MOST_RECORDS: usize = 2000;
/// The first and the longest pause after a failed transaction.
const PAUSES: (Duration, Duration) = (Duration::from_millis(20), Duration::from_secs(5));

struct Job {
    records: Vec<Record>,
    changes: Changes,
    done: oneshot::Sender<Outcome>,
}

/// What became of the records of one job, and of those written together with it.
#[derive(Debug, Clone, Copy, Default)]
pub struct Outcome {
    /// Records that were new.
    pub added: u64,
    /// Records that were known.
    pub known: u64,
}

/// Where to send what is to be written.
#[derive(Clone)]
pub struct Writer(mpsc::UnboundedSender<Job>);

impl Writer {
    /// Starts the task. It ends when nobody can send to it any more and all is written.
    pub fn start(store: Store, accounts: Arc<Accounts>) -> Self {
        let (tx, rx) = mpsc::unbounded_channel();
        tokio::spawn(run(store, accounts, rx));
        Self(tx)
    }

    /// Has changes of leases written. The answer comes when they are.
    pub fn write(&self, changes: Changes) -> oneshot::Receiver<Outcome> {
        self.send(Vec::new(), changes)
    }

    /// Has records written. The answer comes when they are; those that cannot be told apart are dropped.
    pub fn settle(&self, records: Vec<Record>) -> oneshot::Receiver<Outcome> {
        let sent = records.len();
        let records: Vec<_> = records.into_iter().filter_map(ledger::clean).collect();
        if records.len() < sent {
            tracing::error!(dropped = sent - records.len(), "usage records without a usable call id");
        }
        self.send(records, Changes::default())
    }

    fn send(&self, records: Vec<Record>, changes: Changes) -> oneshot::Receiver<Outcome> {
        let (done, outcome) = oneshot::channel();
        // If the task is gone, so is `done`, and whoever waits learns it from that.
        let _ = self.0.send(Job { records, changes, done });
        outcome
    }
}

async fn run(store: Store, accounts: Arc<Accounts>, mut jobs: mpsc::UnboundedReceiver<Job>) {
    while let Some(first) = jobs.recv().await {
        let mut records = first.records;
        let mut changes = first.changes;
        let mut waiting = vec![first.done];
        while records.len() < MOST_RECORDS
            && let Ok(job) = jobs.try_recv()
        {
            records.extend(job.records);
            changes.merge(job.changes);
            waiting.push(job.done);
        }
        let settled = commit(&store, &accounts, &records, &changes).await;
        accounts.settle(&settled);
        let outcome = Outcome { added: settled.added, known: settled.known };
        for done in waiting {
            // Who does not wait any more does not need to know.
            let _ = done.send(outcome);
        }
    }
}

/// Tries until it is done: what is not written is not acknowledged, and nothing may be written before it.
async fn commit(store: &Store, accounts: &Accounts, records: &[Record], changes: &Changes) -> Settled {
    let is_holder = |key: &str, worker: &str| {
        accounts.get(key).is_some_and(|entry| entry.state().account.is_holder(worker))
    };
    let mut pause = PAUSES.0;
    loop {
        match store.commit(records, changes, is_holder).await {
            Ok(settled) => return settled,
            Err(error) => tracing::error!(%error, records = records.len(), "the ledger cannot be written"),
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(PAUSES.1);
    }
}

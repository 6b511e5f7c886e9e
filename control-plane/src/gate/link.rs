//! One VM's Link: records and returns up, everything else down.

use super::{
    Gate,
    scopes::{self, holder},
    workers::Downstream,
};
use crate::{replay, store::leases::Changes};
use std::{sync::Arc, time::Duration};
use tianji_proto::{Acknowledge, Hello, Record, Returned, Settle, Up, down::Kind, up};
use tokio::{
    sync::{Semaphore, mpsc},
    time::timeout,
};
use tonic::{Status, Streaming};

/// How long a VM may take to say who it is.
const HELLO: Duration = Duration::from_secs(10);
/// Batches of one VM that may wait to be written; then its Link is not read on.
const IN_FLIGHT: usize = 16;

impl Gate {
    /// Begins a Link with what the VM says first.
    pub(super) async fn begin_link(
        &self,
        mut up: Streaming<Up>,
    ) -> Result<mpsc::Receiver<Downstream>, Status> {
        let first =
            timeout(HELLO, up.message()).await.map_err(|_| Status::deadline_exceeded("no hello"))??;
        let Some(up::Kind::Hello(hello)) = first.and_then(|up| up.kind) else {
            return Err(Status::invalid_argument("a Link begins with Hello"));
        };
        if hello.worker.is_empty() || hello.worker.len() > super::LONGEST_WORKER {
            return Err(Status::invalid_argument("a worker needs a name"));
        }
        let worker = Arc::from(hello.worker.as_str());
        let (id, down) = self.workers().connect(&worker, self.next_serial());
        tracing::info!(%worker, node = hello.node, "worker connected");
        self.recover(&hello);
        let gate = self.clone();
        tokio::spawn(async move {
            gate.read(&worker, up).await;
            gate.end_link(&worker, id);
        });
        Ok(down)
    }

    fn end_link(&self, worker: &Arc<str>, id: u64) {
        tracing::info!(%worker, "worker disconnected");
        if self.workers().disconnect(worker, id) {
            self.recalls().unreachable(worker);
            self.await_return(worker);
        }
    }

    async fn read(&self, worker: &Arc<str>, mut up: Streaming<Up>) {
        let permits = Arc::new(Semaphore::new(IN_FLIGHT));
        loop {
            // Reading ends with the stream, however it ended: the VM comes back and sends again.
            let Ok(Some(Up { kind: Some(kind) })) = up.message().await else { return };
            match kind {
                up::Kind::Hello(hello) => self.recover(&hello),
                up::Kind::Returned(returned) => self.take_back(worker, &returned),
                up::Kind::Settle(batch) => {
                    let Ok(permit) = permits.clone().acquire_owned().await else { return };
                    let (gate, worker) = (self.clone(), worker.clone());
                    tokio::spawn(async move {
                        gate.settle(&worker, batch).await;
                        drop(permit);
                    });
                }
            }
        }
    }

    async fn settle(&self, worker: &Arc<str>, batch: Settle) {
        self.note_settlement();
        let sequence = batch.sequence;
        if self.writer().settle(batch.records).await.is_ok() {
            self.workers().send(worker, Kind::Acknowledge(Acknowledge { sequence }));
        }
    }

    fn take_back(&self, worker: &Arc<str>, returned: &Returned) {
        let key = hex::encode(&returned.key_hash);
        let is_unasked = returned.recall == 0;
        if !is_unasked && !self.recalls().answer(returned.recall, &key, worker) {
            return;
        }
        if let Some(entry) = self.accounts().get(&key) {
            let mut state = entry.state();
            // What is returned of a void lease was taken from the worker already.
            if returned.serial >= state.void_before {
                let amount = returned.amount.unwrap_or_default();
                let window = *state.account.window();
                let change = state.account.give_back(worker, &amount, returned.window, returned.recall);
                let mut changes = Changes::default();
                changes.add(&entry.key, change);
                let name = holder(worker, &key);
                for shared in &state.scopes {
                    let mut held = shared.state();
                    // The worker knows the key's window; those of what it shares with others turn with it.
                    let own = *held.account.window();
                    let is_same = returned.window == window.id && own.started_at == window.started_at;
                    let id = if is_same { own.id } else { 0 };
                    let change = held.account.give_back(&name, &amount, id, returned.recall);
                    changes.add(&shared.name, scopes::written(change));
                }
                drop(self.writer().write(changes));
            }
        }
        self.recalls().answered(returned.recall, worker);
    }

    /// Records that the VM could not keep are in Envoy's access log.
    fn recover(&self, hello: &Hello) {
        if hello.dropped == 0 {
            return;
        }
        let Some(journal) = self.journal() else {
            tracing::error!(
                worker = hello.worker,
                dropped = hello.dropped,
                "a worker had to drop usage records"
            );
            return;
        };
        tracing::warn!(
            worker = hello.worker,
            dropped = hello.dropped,
            "usage records are taken from the journal"
        );
        let gate = self.clone();
        tokio::spawn(async move {
            let Ok(_alone) = gate.replaying().try_lock() else { return };
            let settle = |records: Vec<Record>| {
                let outcome = gate.writer().settle(records);
                async move {
                    let outcome = outcome.await.map_err(|_| sqlx::Error::WorkerCrashed)?;
                    Ok((outcome.added, outcome.known))
                }
            };
            match replay::replay_into(&journal, settle).await {
                Ok(report) => tracing::info!(?report, "journal replayed"),
                Err(error) => tracing::error!(%error, "journal not replayed"),
            }
        });
    }
}

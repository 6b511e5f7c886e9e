//! Asking VMs for what they have idle of a key.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use tokio::sync::oneshot;

struct Recall {
    key: Arc<str>,
    /// Workers whose answer counts when it comes, however late: each once.
    unanswered: HashSet<Arc<str>>,
    /// Those that are worth waiting for.
    awaited: HashSet<Arc<str>>,
    done: Option<oneshot::Sender<()>>,
}

impl Recall {
    fn stop_waiting_for(&mut self, worker: &str) {
        self.awaited.remove(worker);
        if self.awaited.is_empty()
            && let Some(done) = self.done.take()
        {
            // Who waited may have given up.
            let _ = done.send(());
        }
    }
}

/// All recalls that somebody has not answered yet.
#[derive(Default)]
pub struct Recalls(Mutex<HashMap<u64, Recall>>);

impl Recalls {
    fn open(&self) -> MutexGuard<'_, HashMap<u64, Recall>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes that these workers are asked. The receiver is done when all have answered or are away.
    pub fn ask(&self, id: u64, key: &Arc<str>, workers: &[Arc<str>]) -> oneshot::Receiver<()> {
        let (done, outcome) = oneshot::channel();
        let unanswered: HashSet<_> = workers.iter().cloned().collect();
        let awaited = unanswered.clone();
        self.open().insert(id, Recall { key: key.clone(), unanswered, awaited, done: Some(done) });
        outcome
    }

    /// An answer has come: whether it counts.
    pub fn answer(&self, id: u64, key: &str, worker: &str) -> bool {
        self.open().get_mut(&id).is_some_and(|recall| &*recall.key == key && recall.unanswered.remove(worker))
    }

    /// An answer was taken into account: who waits for it may go on.
    pub fn answered(&self, id: u64, worker: &str) {
        let mut open = self.open();
        if let Some(recall) = open.get_mut(&id) {
            recall.stop_waiting_for(worker);
            if recall.unanswered.is_empty() {
                open.remove(&id);
            }
        }
    }

    /// The worker cannot be reached; it may still answer when it is back.
    pub fn unreachable(&self, worker: &str) {
        for recall in self.open().values_mut() {
            recall.stop_waiting_for(worker);
        }
    }

    /// The worker is gone for good.
    pub fn gone(&self, worker: &str) {
        self.open().retain(|_, recall| {
            recall.unanswered.remove(worker);
            recall.stop_waiting_for(worker);
            !recall.unanswered.is_empty()
        });
    }

    /// The key's leases are void: what is said of them counts for nothing any more.
    pub fn void(&self, key: &str) {
        self.open().retain(|_, recall| &*recall.key != key);
    }
}

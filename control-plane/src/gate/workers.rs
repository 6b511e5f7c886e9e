//! The VMs: which are connected, which may come back, and how to tell them something.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tianji_proto::{Down, Revoke, down::Kind};
use tokio::{sync::mpsc, time::Instant};
use tonic::Status;

/// Messages that may wait for a VM; one that does not read them is cut off.
const QUEUE: usize = 1024;

/// What goes down a Link.
pub type Downstream = Result<Down, Status>;

struct Link {
    id: u64,
    tx: mpsc::Sender<Downstream>,
}

struct Worker {
    link: Option<Link>,
    /// While it is not connected: how long its leases stay its own.
    kept_until: Instant,
    /// What it holds from before this serial number went to others while it was away, and it does not know that.
    outdated_before: Option<u64>,
    /// Revocations while it was away.
    missed: Vec<Revoke>,
}

#[derive(Default)]
struct State {
    workers: HashMap<Arc<str>, Worker>,
    links: u64,
    is_closed: bool,
}

/// All workers.
pub struct Workers {
    grace: Duration,
    state: Mutex<State>,
}

impl Workers {
    /// Nobody yet. Who is away for longer than `grace` loses its leases.
    pub fn new(grace: Duration) -> Self {
        Self { grace, state: Mutex::default() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A worker that holds leases from before a restart.
    pub fn restore(&self, worker: Arc<str>) {
        let kept_until = Instant::now() + self.grace;
        let restored = Worker { link: None, kept_until, outdated_before: None, missed: Vec::new() };
        self.state().workers.insert(worker, restored);
    }

    /// A worker has asked for something. `serial` is the number its answer will have.
    /// Returns when it was not known, and must be looked after with `lost`.
    pub fn seen(&self, worker: &Arc<str>, serial: u64) -> bool {
        let kept_until = Instant::now() + self.grace;
        let mut state = self.state();
        if let Some(known) = state.workers.get_mut(worker) {
            known.kept_until = kept_until;
            return false;
        }
        let new = Worker { link: None, kept_until, outdated_before: Some(serial), missed: Vec::new() };
        state.workers.insert(worker.clone(), new);
        true
    }

    /// A worker opens its Link: the Link's number, and what it is to be told. An older Link of it ends.
    pub fn connect(&self, worker: &Arc<str>, serial: u64) -> (u64, mpsc::Receiver<Downstream>) {
        let (tx, rx) = mpsc::channel(QUEUE);
        let mut state = self.state();
        state.links += 1;
        let id = state.links;
        let kept_until = Instant::now();
        let known = state.workers.entry(worker.clone()).or_insert_with(|| Worker {
            link: None,
            kept_until,
            outdated_before: Some(serial),
            missed: Vec::new(),
        });
        if let Some(serial) = known.outdated_before.take() {
            let _ = tx.try_send(Ok(down(Kind::Revoke(Revoke { key_hashes: Vec::new(), serial }))));
        }
        for revoke in missed(&mut known.missed) {
            let _ = tx.try_send(Ok(down(Kind::Revoke(revoke))));
        }
        known.link = Some(Link { id, tx });
        (id, rx)
    }

    /// A Link has ended. Returns whether it was the worker's last, so that it must be looked after with `lost`.
    pub fn disconnect(&self, worker: &str, link: u64) -> bool {
        let kept_until = Instant::now() + self.grace;
        let mut state = self.state();
        let is_closed = state.is_closed;
        let Some(known) = state.workers.get_mut(worker) else { return false };
        if known.link.as_ref().is_none_or(|current| current.id != link) {
            return false;
        }
        known.link = None;
        known.kept_until = kept_until;
        !is_closed
    }

    /// Waits until the worker is back (`false`) or gone for good, and then forgets it (`true`).
    pub async fn lost(&self, worker: &str) -> bool {
        loop {
            let until = {
                let mut state = self.state();
                match state.workers.get(worker) {
                    Some(known) if known.link.is_none() && !state.is_closed => {
                        let until = known.kept_until;
                        if until <= Instant::now() {
                            state.workers.remove(worker);
                            return true;
                        }
                        until
                    }
                    _ => return false,
                }
            };
            tokio::time::sleep_until(until).await;
        }
    }

    /// Tells a worker something. Returns whether it is connected; one that does not listen is cut off.
    pub fn send(&self, worker: &str, kind: Kind) -> bool {
        let state = self.state();
        let link = state.workers.get(worker).and_then(|known| known.link.as_ref());
        link.is_some_and(|link| link.tx.try_send(Ok(down(kind))).is_ok())
    }

    /// Tells all workers of a revocation: the connected now, the others when they are back.
    pub fn revoke(&self, revoke: &Revoke) {
        for known in self.state().workers.values_mut() {
            let sent = known
                .link
                .as_ref()
                .is_some_and(|link| link.tx.try_send(Ok(down(Kind::Revoke(revoke.clone())))).is_ok());
            if !sent {
                // It does not read what it must know: its Link ends, and on the next it hears this first.
                if let Some(link) = &mut known.link {
                    link.tx = mpsc::channel(1).0;
                }
                known.missed.push(revoke.clone());
            }
        }
    }

    /// The names of the connected workers.
    pub fn connected(&self) -> Vec<Arc<str>> {
        let state = self.state();
        state.workers.iter().filter(|(_, known)| known.link.is_some()).map(|(name, _)| name.clone()).collect()
    }

    /// Ends all Links; nobody loses anything by it.
    pub fn close(&self) {
        let mut state = self.state();
        state.is_closed = true;
        for known in state.workers.values_mut() {
            known.link = None;
        }
    }
}

/// What was missed, in as many messages as a new queue has room for: many become one, which voids all that is older
/// than the last of them.
fn missed(revokes: &mut Vec<Revoke>) -> Vec<Revoke> {
    let missed = std::mem::take(revokes);
    if missed.len() < QUEUE / 2 {
        return missed;
    }
    let serial = missed.iter().map(|revoke| revoke.serial).max().unwrap_or_default();
    vec![Revoke { key_hashes: missed.into_iter().flat_map(|revoke| revoke.key_hashes).collect(), serial }]
}

/// A message.
pub fn down(kind: Kind) -> Down {
    Down { kind: Some(kind) }
}

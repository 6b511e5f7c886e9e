//! The control plane's side of the data path: who may spend how much, and what was spent (`tianji.v1.Gate`).
//!
//! `limits` decides; here is the plumbing around it. One `Entry` per key holds its account behind a mutex that is never
//! held across an await. A lease is written to the database before it is handed out, by one task that writes whatever
//! has come together since its last transaction.

mod accounts;
mod authorize;
mod denials;
mod grants;
mod link;
mod recall;
mod recalls;
mod scopes;
mod upkeep;
mod workers;
mod writer;

#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;

pub use accounts::PeriodEnd;

use crate::{
    clock::Clock,
    errands::Errands,
    store::{self, Store},
};
use accounts::Accounts;
use chrono::{DateTime, Utc};
use recalls::Recalls;
use std::{
    collections::BTreeSet,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};
use tianji_proto::{
    AuthorizeRequest, AuthorizeResponse, FetchRequest, FetchResponse, SignRequest, SignResponse, Up,
    gate_server::{self, GateServer},
};
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Request, Response, Status, Streaming};
use workers::{Downstream, Workers};
use writer::Writer;

/// The longest name of a worker, in bytes.
const LONGEST_WORKER: usize = 128;

/// What a gate is told at its start.
#[derive(Clone)]
pub struct Options {
    /// Hexadecimal SHA-256 of the master key.
    pub master: Option<String>,
    /// Envoy's access log, if it can be read from here.
    pub journal: Option<PathBuf>,
    /// When budget periods end.
    pub period_end: PeriodEnd,
    /// How long a worker may be away before its leases go to others.
    pub grace: Duration,
    /// Whoever does what the filter cannot do itself.
    pub errands: Errands,
}

impl Options {
    /// The usual grace.
    pub const GRACE: Duration = Duration::from_secs(15);
}

struct Inner {
    clock: Clock,
    options: Options,
    accounts: Arc<Accounts>,
    workers: Workers,
    recalls: Recalls,
    writer: Writer,
    serial: AtomicU64,
    settlements: AtomicU64,
    is_draining: AtomicBool,
    replaying: tokio::sync::Mutex<()>,
}

/// The service. Clones are the same gate.
#[derive(Clone)]
pub struct Gate(Arc<Inner>);

impl Gate {
    /// A gate that goes on where the last one stopped.
    pub async fn open(store: Store, clock: Clock, options: Options) -> store::Result<Self> {
        let leases = store.leases().await?;
        let now = clock.now();
        let accounts = Arc::new(Accounts::restore(store.clone(), options.period_end, &leases, now).await?);
        let gate = Self(Arc::new(Inner {
            writer: Writer::start(store.clone(), accounts.clone()),
            workers: Workers::new(options.grace),
            recalls: Recalls::default(),
            // Larger than all that were given before a restart, at less than a million a second.
            serial: AtomicU64::new(now.timestamp_micros().cast_unsigned()),
            settlements: AtomicU64::new(0),
            is_draining: AtomicBool::new(false),
            replaying: tokio::sync::Mutex::default(),
            clock,
            options,
            accounts,
        }));
        let workers: BTreeSet<Arc<str>> = leases.iter().map(|row| row.worker.as_str().into()).collect();
        for worker in workers {
            gate.0.workers.restore(worker.clone());
            gate.await_return(&worker);
        }
        gate.start_upkeep(store);
        Ok(gate)
    }

    /// The gRPC service, to be added to a router.
    pub fn service(&self) -> GateServer<Self> {
        GateServer::new(self.clone())
    }

    fn now(&self) -> DateTime<Utc> {
        self.0.clock.now()
    }

    fn next_serial(&self) -> u64 {
        self.0.serial.fetch_add(1, Ordering::Relaxed) + 1
    }

    fn is_master(&self, key: &str) -> bool {
        self.0.options.master.as_deref() == Some(key)
    }

    fn journal(&self) -> Option<PathBuf> {
        self.0.options.journal.clone()
    }

    fn replaying(&self) -> &tokio::sync::Mutex<()> {
        &self.0.replaying
    }

    fn accounts(&self) -> &Accounts {
        &self.0.accounts
    }

    fn workers(&self) -> &Workers {
        &self.0.workers
    }

    fn recalls(&self) -> &Recalls {
        &self.0.recalls
    }

    fn writer(&self) -> &Writer {
        &self.0.writer
    }

    fn note_settlement(&self) {
        self.0.settlements.fetch_add(1, Ordering::Relaxed);
    }

    fn refuse_when_draining(&self) -> Result<(), Status> {
        if self.0.is_draining.load(Ordering::Relaxed) {
            return Err(Status::unavailable("shutting down"));
        }
        Ok(())
    }
}

#[tonic::async_trait]
impl gate_server::Gate for Gate {
    type LinkStream = ReceiverStream<Downstream>;

    async fn authorize(
        &self,
        request: Request<AuthorizeRequest>,
    ) -> Result<Response<AuthorizeResponse>, Status> {
        self.refuse_when_draining()?;
        let outcome = self.decide(request.into_inner()).await?;
        Ok(Response::new(AuthorizeResponse { outcome: Some(outcome) }))
    }

    async fn link(&self, request: Request<Streaming<Up>>) -> Result<Response<Self::LinkStream>, Status> {
        self.refuse_when_draining()?;
        let down = self.begin_link(request.into_inner()).await?;
        Ok(Response::new(ReceiverStream::new(down)))
    }

    async fn sign(&self, request: Request<SignRequest>) -> Result<Response<SignResponse>, Status> {
        self.0.options.errands.sign(request.get_ref(), &self.0.clock).map(Response::new)
    }

    async fn fetch(&self, request: Request<FetchRequest>) -> Result<Response<FetchResponse>, Status> {
        self.0.options.errands.fetch(request.into_inner()).await.map(Response::new)
    }
}

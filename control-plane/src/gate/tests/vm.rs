//! A gate behind a real socket, and workers that do what the filter does with it.

use crate::{
    clock::Clock,
    errands::{Errands, Fetcher},
    gate::{Gate, Options},
    store::{Store, keys::Key},
};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::Duration,
};
use tianji_proto::{
    Amount, AuthorizeRequest, Denial, Down, Grant, Hello, Record, Returned, Settle, Tokens, Up,
    authorize_response::Outcome, down::Kind, gate_client::GateClient, up,
};
use tokio::{
    sync::{mpsc, watch},
    task::{AbortHandle, JoinHandle},
};
use tokio_stream::wrappers::{ReceiverStream, TcpListenerStream};
use tonic::transport::{Channel, Endpoint, Server};

/// Short, for the tests' sake.
pub const GRACE: Duration = Duration::from_millis(400);

/// A gate that can be killed.
pub struct Served {
    pub gate: Gate,
    pub url: String,
    server: JoinHandle<()>,
}

impl Served {
    pub async fn start(store: &Store) -> Self {
        Self::with(store, |options| options).await
    }

    pub async fn with(store: &Store, change: impl FnOnce(Options) -> Options) -> Self {
        let catalog = Arc::default();
        let options = Options {
            errands: Errands::new(watch::channel(catalog).1, Fetcher::new(Vec::new()).unwrap()),
            master: Some(crate::gate::testing::key("master").token),
            journal: None,
            period_end: |_, now| Some(now + chrono::Duration::hours(1)),
            grace: GRACE,
        };
        let gate = Gate::open(store.clone(), Clock::system(), change(options)).await.unwrap();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let service = gate.service();
        let server = tokio::spawn(async move {
            let incoming = TcpListenerStream::new(listener);
            Server::builder().add_service(service).serve_with_incoming(incoming).await.unwrap();
        });
        Self { gate, url, server }
    }

    async fn client(&self) -> GateClient<Channel> {
        GateClient::new(Endpoint::from_shared(self.url.clone()).unwrap().connect().await.unwrap())
    }

    /// The process is gone: nothing is said to anybody.
    pub async fn kill(self) {
        self.server.abort();
        self.gate.workers().close();
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[derive(Default)]
struct Held {
    free: Amount,
    window: u64,
    received: u64,
}

/// A worker, as far as one who looks at its messages can tell.
#[derive(Clone)]
pub struct Vm {
    pub name: String,
    client: GateClient<Channel>,
    held: Arc<Mutex<HashMap<Vec<u8>, Held>>>,
    /// What came down and is no recall.
    pub heard: Arc<Mutex<Vec<Kind>>>,
    up: Arc<Mutex<Option<Link>>>,
}

/// The way up, and the task that reads what comes down.
type Link = (mpsc::Sender<Up>, AbortHandle);

impl Vm {
    pub async fn connect(served: &Served, name: &str) -> Self {
        let vm = Self::unlinked(served, name).await;
        vm.link().await;
        vm
    }

    pub async fn unlinked(served: &Served, name: &str) -> Self {
        Self {
            name: name.into(),
            client: served.client().await,
            held: Arc::default(),
            heard: Arc::default(),
            up: Arc::default(),
        }
    }

    /// The same worker, with what it holds, at another server.
    pub async fn move_to(&mut self, served: &Served) {
        self.client = served.client().await;
        self.link().await;
    }

    pub async fn link(&self) {
        let (tx, rx) = mpsc::channel(64);
        let hello = Hello { worker: self.name.clone(), node: "test".into(), dropped: 0 };
        tx.send(Up { kind: Some(up::Kind::Hello(hello)) }).await.unwrap();
        let mut down = self.client.clone().link(ReceiverStream::new(rx)).await.unwrap().into_inner();
        let (vm, answers) = (self.clone(), tx.clone());
        let reader = tokio::spawn(async move {
            while let Ok(Some(Down { kind: Some(kind) })) = down.message().await {
                if let Kind::Recall(recall) = kind {
                    let returned = vm.take_idle(recall.id, recall.key_hash);
                    let _ = answers.send(Up { kind: Some(up::Kind::Returned(returned)) }).await;
                } else {
                    vm.heard.lock().unwrap().push(kind);
                }
            }
        });
        *self.up.lock().unwrap() = Some((tx, reader.abort_handle()));
    }

    pub fn unlink(&self) {
        if let Some((_, reader)) = self.up.lock().unwrap().take() {
            reader.abort();
        }
    }

    fn take_idle(&self, recall: u64, key_hash: Vec<u8>) -> Returned {
        let mut all = self.held.lock().unwrap();
        let mut none = Held::default();
        let held = all.get_mut(&key_hash).unwrap_or(&mut none);
        let amount = Some(std::mem::take(&mut held.free));
        Returned { recall, key_hash, amount, window: held.window, serial: held.received }
    }

    /// Gives back what is idle without being asked.
    pub async fn give_back(&self, key: &Key) {
        let returned = self.take_idle(0, hex::decode(&key.token).unwrap());
        self.send(up::Kind::Returned(returned)).await;
    }

    /// A request is over.
    pub fn finish(&self, key: &Key) {
        let key_hash = hex::decode(&key.token).unwrap();
        self.held.lock().unwrap().entry(key_hash).or_default().free.slots += 1;
    }

    pub async fn send(&self, kind: up::Kind) {
        let (up, _) = self.up.lock().unwrap().clone().unwrap();
        up.send(Up { kind: Some(kind) }).await.unwrap();
    }

    pub async fn settle(&self, sequence: u64, records: Vec<Record>) {
        self.send(up::Kind::Settle(Settle { sequence, records })).await;
    }

    /// Asks without keeping books.
    pub async fn ask(&self, key: &Key, need: Amount) -> Result<Grant, Denial> {
        self.ask_having(key, need, None).await
    }

    pub async fn ask_having(&self, key: &Key, need: Amount, received: Option<u64>) -> Result<Grant, Denial> {
        let key_hash = hex::decode(&key.token).unwrap();
        let request = AuthorizeRequest { worker: self.name.clone(), key_hash, need: Some(need), received };
        match self.client.clone().authorize(request).await.unwrap().into_inner().outcome.unwrap() {
            Outcome::Grant(grant) => Ok(grant),
            Outcome::Denial(denial) => Err(denial),
        }
    }

    /// Begins a request: from what is held, or by asking for what is missing.
    pub async fn begin(&self, key: &Key, cost: Amount) -> Result<(), Denial> {
        let key_hash = hex::decode(&key.token).unwrap();
        let need = {
            let mut all = self.held.lock().unwrap();
            let free = &mut all.entry(key_hash.clone()).or_default().free;
            let missing = |cost: i64, free: &mut i64| {
                let taken = cost.min(*free).max(0);
                *free -= taken;
                cost - taken
            };
            Amount {
                requests: missing(cost.requests, &mut free.requests),
                tokens: missing(cost.tokens, &mut free.tokens),
                nanos: missing(cost.nanos, &mut free.nanos),
                slots: missing(cost.slots, &mut free.slots),
            }
        };
        if need == Amount::default() {
            return Ok(());
        }
        let grant = self.ask(key, need).await?;
        let (lease, window) = (grant.lease.unwrap(), grant.window.unwrap().id);
        let mut all = self.held.lock().unwrap();
        let held = all.entry(key_hash).or_default();
        if held.window < window {
            (held.window, held.free.requests, held.free.tokens) = (window, 0, 0);
        }
        held.received = grant.serial;
        held.free.requests += lease.requests - need.requests;
        held.free.tokens += lease.tokens - need.tokens;
        held.free.nanos += lease.nanos - need.nanos;
        held.free.slots += lease.slots - need.slots;
        Ok(())
    }

    /// Waits for a message that `is` what is looked for.
    pub async fn hears(&self, what: &str, is: impl Fn(&Kind) -> bool) -> Kind {
        for _ in 0..200 {
            if let Some(kind) = self.heard.lock().unwrap().iter().find(|kind| is(kind)) {
                return kind.clone();
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("{} never heard {what}: {:?}", self.name, self.heard.lock().unwrap());
    }

    pub async fn is_acknowledged(&self, sequence: u64) {
        let is = |kind: &Kind| matches!(kind, Kind::Acknowledge(a) if a.sequence == sequence);
        self.hears("an acknowledgement", is).await;
    }
}

/// A finished exchange.
pub fn record(call_id: &str, key: &Key, worker: &str, cost: f64) -> Record {
    Record {
        call_id: call_id.into(),
        worker: worker.into(),
        started_at: 1_790_000_000_000,
        key_hash: key.token.clone(),
        user_id: key.user_id.clone().unwrap_or_default(),
        team_id: key.team_id.clone().unwrap_or_default(),
        organization_id: key.organization_id.clone().unwrap_or_default(),
        model_group: "gpt".into(),
        status: 200,
        attempts: 1,
        tokens: Some(Tokens { prompt: 10, completion: 5, ..Tokens::default() }),
        cost,
        ..Record::default()
    }
}

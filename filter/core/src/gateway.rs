//! What one VM knows across exchanges: its configuration, its callers, its unreported records.

use crate::{
    config::Config,
    exchange::{End, Exchange},
    grants::{Book, Idle, KeyHash},
    io::Question,
    outbox::Outbox,
    relay::Relay,
};
use foldhash::HashMap;
use prost::{DecodeError, Message};
use std::{
    cell::{Cell, RefCell},
    rc::Rc,
    time::Duration,
};
use tianji_proto::{Acknowledge, AuthorizeRequest, Down, Hello, Record, Returned, Revoke, Up, down, up};

/// The cluster of the bootstrap that leads to the control plane's gRPC port.
pub const CONTROL_PLANE: &str = "control-plane-grpc";

/// One per VM, that is one per Envoy worker.
pub struct Gateway {
    /// Random; the control plane knows this VM by it.
    pub worker: String,
    /// Envoy's node id.
    pub node: String,
    /// Callers and what is held for them.
    pub book: RefCell<Book>,
    /// Streamed answers on their way.
    pub relay: RefCell<Relay>,
    exchanges: RefCell<HashMap<u32, Rc<Exchange>>>,
    clock: fn() -> i64,
    config: RefCell<Rc<Config>>,
    random: RefCell<fastrand::Rng>,
    outbox: RefCell<Outbox>,
    linked: Cell<bool>,
}

impl Gateway {
    /// A gateway that knows nobody yet. `clock` gives Unix milliseconds; `seed` must be random.
    pub fn new(node: String, clock: fn() -> i64, seed: u64) -> Self {
        let mut random = fastrand::Rng::with_seed(seed);
        Self {
            worker: uuid(&mut random),
            node,
            clock,
            config: RefCell::default(),
            book: RefCell::default(),
            relay: RefCell::default(),
            exchanges: RefCell::default(),
            random: RefCell::new(random),
            outbox: RefCell::default(),
            linked: Cell::new(false),
        }
    }

    /// Unix milliseconds.
    pub fn now(&self) -> i64 {
        (self.clock)()
    }

    /// Takes a new configuration; requests under way keep the one they began with.
    pub fn configure(&self, config: Config) {
        *self.config.borrow_mut() = Rc::new(config.resolved());
    }

    /// The configuration in force.
    pub fn config(&self) -> Rc<Config> {
        self.config.borrow().clone()
    }

    /// Draws from the VM's randomness.
    pub fn random<T>(&self, draw: impl FnOnce(&mut fastrand::Rng) -> T) -> T {
        draw(&mut self.random.borrow_mut())
    }

    /// A new exchange, to be found by its attempts under the id of its ingress context.
    pub fn begin(&self, ingress: u32) -> Rc<Exchange> {
        let exchange = Rc::new(Exchange::new(self.random(uuid), self.now()));
        self.exchanges.borrow_mut().insert(ingress, exchange.clone());
        exchange
    }

    /// The exchange of an ingress context.
    pub fn exchange(&self, ingress: u32) -> Option<Rc<Exchange>> {
        self.exchanges.borrow().get(&ingress).cloned()
    }

    /// The exchange of an ingress context is over for its client: its record, as a line of the access log. `details` are
    /// Envoy's, for an answer that did not come to its end.
    pub fn close(&self, ingress: u32, details: impl FnOnce() -> Vec<u8>) -> Option<Vec<u8>> {
        self.relay.borrow_mut().end(ingress);
        let exchange = self.exchanges.borrow_mut().remove(&ingress)?;
        let end = match exchange.is_answered() && !exchange.is_streaming() {
            true => End::Complete,
            false if details().starts_with(b"downstream") => End::Disconnected,
            false => End::Cut,
        };
        let record = self.finish(&exchange, end)?;
        let line = serde_json::to_vec(&record).ok();
        self.report(record);
        line
    }

    /// A call of `Authorize`: the upstream, the message, and how long it may take. Envoy takes either a cluster's name or
    /// a whole service for an upstream.
    pub fn question(&self, question: Question) -> (String, Vec<u8>, Duration) {
        let Question { key_hash, need, patient } = question;
        let worker = self.worker.clone();
        let message = AuthorizeRequest { worker, key_hash, need: Some(need), received: None }.encode_to_vec();
        let config = self.config();
        match config.settings.patient_service.as_str() {
            service if patient && !service.is_empty() => (service.into(), message, Duration::from_secs(10)),
            _ => (CONTROL_PLANE.into(), message, Duration::from_secs(3)),
        }
    }

    /// The control plane is connected: what it changes will be heard of.
    pub fn is_linked(&self) -> bool {
        self.linked.get()
    }

    /// An exchange is over: settles its lease and gives its record.
    pub fn finish(&self, exchange: &Exchange, end: End) -> Option<Record> {
        let now = self.now();
        let finished = exchange.finish(&self.worker, end, now);
        if let Some(ticket) = finished.ticket {
            let mut book = self.book.borrow_mut();
            match finished.record {
                Some(_) => book.settle(ticket, finished.used, now),
                None => book.refund(ticket, now),
            }
        }
        finished.record
    }

    fn report(&self, record: Record) {
        let capacity = self.config.borrow().settings.record_queue;
        self.outbox.borrow_mut().push(record, capacity);
    }

    /// The link to the control plane is open: what to say first.
    pub fn link_opened(&self) -> Vec<Vec<u8>> {
        self.linked.set(true);
        self.book.borrow_mut().suspect_all();
        let mut outbox = self.outbox.borrow_mut();
        let hello =
            Hello { worker: self.worker.clone(), node: self.node.clone(), dropped: outbox.take_dropped() };
        let again = outbox.again().or_else(|| outbox.batch());
        std::iter::once(say(up::Kind::Hello(hello))).chain(again).collect()
    }

    /// The link is gone. Grants live on to their expiry.
    pub fn link_closed(&self) {
        self.linked.set(false);
    }

    /// The control plane has said something: what to answer.
    pub fn heard(&self, message: &[u8]) -> Result<Vec<Vec<u8>>, DecodeError> {
        Ok(self.answer(Down::decode(message)?))
    }

    fn answer(&self, down: Down) -> Vec<Vec<u8>> {
        match down.kind {
            Some(down::Kind::Acknowledge(Acknowledge { sequence })) => {
                let mut outbox = self.outbox.borrow_mut();
                outbox.acknowledged(sequence);
                outbox.batch().into_iter().collect()
            }
            Some(down::Kind::Recall(recall)) => {
                let hash = KeyHash::try_from(recall.key_hash.as_slice());
                let idle = hash.map(|hash| self.book.borrow_mut().recall(&hash)).unwrap_or_default();
                vec![returned(recall.id, recall.key_hash, idle)]
            }
            Some(down::Kind::Revoke(revoke)) => {
                self.revoke(&revoke);
                Vec::new()
            }
            Some(down::Kind::Warm(grant)) => {
                if let Ok(hash) = KeyHash::try_from(grant.key_hash.as_slice()) {
                    self.book.borrow_mut().granted(hash, grant, self.now());
                }
                Vec::new()
            }
            None => Vec::new(),
        }
    }

    /// Now and then: what has become due to be said.
    pub fn tick(&self) -> Vec<Vec<u8>> {
        if !self.is_linked() {
            return Vec::new();
        }
        let idle = self.book.borrow_mut().sweep(self.now());
        let returned = idle.into_iter().map(|(hash, idle)| returned(0, hash.to_vec(), idle));
        returned.chain(self.outbox.borrow_mut().batch()).collect()
    }

    fn revoke(&self, revoke: &Revoke) {
        let mut book = self.book.borrow_mut();
        if revoke.key_hashes.is_empty() {
            return book.revoke_all(revoke.serial);
        }
        for hash in revoke.key_hashes.iter().filter_map(|hash| KeyHash::try_from(hash.as_slice()).ok()) {
            book.revoke(&hash, revoke.serial);
        }
    }
}

fn returned(recall: u64, key_hash: Vec<u8>, Idle { amount, window, serial }: Idle) -> Vec<u8> {
    say(up::Kind::Returned(Returned { recall, key_hash, amount: Some(amount), window, serial }))
}

fn say(kind: up::Kind) -> Vec<u8> {
    Up { kind: Some(kind) }.encode_to_vec()
}

/// A random UUID, version 4.
fn uuid(random: &mut fastrand::Rng) -> String {
    let bits = random.u128(..) & !(0xf << 76) | (4 << 76);
    let bits = bits & !(0b11 << 62) | (0b10 << 62);
    let mut text = String::with_capacity(36);
    for at in 0..32 {
        if matches!(at, 8 | 12 | 16 | 20) {
            text.push('-');
        }
        let nibble = (bits >> (124 - 4 * at)) & 0xf;
        text.extend(u32::try_from(nibble).ok().and_then(|nibble| char::from_digit(nibble, 16)));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_uuids_of_version_4_and_differ() {
        let gateway = Gateway::new("node".into(), || 0, 1);
        let (a, b) = (gateway.random(uuid), gateway.random(uuid));
        assert_ne!(a, b);
        assert_eq!((a.len(), &a[14..15]), (36, "4"));
        assert!("89ab".contains(&a[19..20]));
    }

    #[test]
    fn a_new_link_begins_with_a_hello() {
        let gateway = Gateway::new("node".into(), || 0, 1);
        let said = gateway.link_opened();
        let Some(up::Kind::Hello(hello)) = Up::decode(said[0].as_slice()).unwrap().kind else { panic!() };
        assert_eq!((hello.node.as_str(), said.len()), ("node", 1));
        assert!(gateway.is_linked());
    }

    #[test]
    fn a_recall_is_always_answered() {
        let gateway = Gateway::new("node".into(), || 0, 1);
        let recall = down::Kind::Recall(tianji_proto::Recall { id: 9, key_hash: vec![1; 32] });
        let answer = gateway.heard(&Down { kind: Some(recall) }.encode_to_vec()).unwrap();
        let Some(up::Kind::Returned(returned)) = Up::decode(answer[0].as_slice()).unwrap().kind else {
            panic!()
        };
        assert_eq!(returned.recall, 9);
    }

    #[test]
    fn what_cannot_be_read_is_an_error() {
        assert!(Gateway::new("node".into(), || 0, 1).heard(b"\xff\xff\xff").is_err());
    }
}

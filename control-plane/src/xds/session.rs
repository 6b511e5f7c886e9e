//! One Envoy's subscriptions, without I/O: requests and snapshots in, responses out.
//!
//! The protocol is ADS, state of the world.
//! <https://www.envoyproxy.io/docs/envoy/latest/api-docs/xds_protocol>

use super::{
    Kind, Snapshot,
    snapshot::Resources,
};
use envoy_types::pb::envoy::service::discovery::v3::{DiscoveryRequest, DiscoveryResponse};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

/// What one Envoy has asked for, been sent and accepted.
#[derive(Debug)]
pub struct Session {
    snapshot: Arc<Snapshot>,
    asked: BTreeMap<Kind, Subscription>,
    nonce: u64,
}

#[derive(Debug, Default)]
struct Subscription {
    names: BTreeSet<String>,
    sent: Option<Sent>,
}

#[derive(Debug)]
struct Sent {
    nonce: String,
    resources: Arc<Resources>,
    names: BTreeSet<String>,
    accepted: Option<bool>,
}

/// What a request said about an earlier response.
#[derive(Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing: a first request, a changed subscription, or the answer to a response that has been superseded.
    None,
    /// This version of this kind is in force.
    Accepted(Kind, String),
    /// This version of this kind was refused; the one before it stays in force.
    Rejected(Kind, String, String),
}

impl Session {
    /// A new stream, under the snapshot of the moment.
    pub fn new(snapshot: Arc<Snapshot>) -> Self {
        Self { snapshot, asked: BTreeMap::new(), nonce: 0 }
    }

    /// The configuration has changed.
    pub fn update(&mut self, snapshot: Arc<Snapshot>) -> Vec<DiscoveryResponse> {
        self.snapshot = snapshot;
        self.due()
    }

    /// Envoy has asked for something, or answered.
    pub fn request(&mut self, request: DiscoveryRequest) -> (Verdict, Vec<DiscoveryResponse>) {
        let Some(kind) = Kind::of(&request.type_url) else { return (Verdict::None, Vec::new()) };
        let subscription = self.asked.entry(kind).or_default();
        let names = request.resource_names.into_iter().filter(|name| name != "*").collect();
        if request.response_nonce.is_empty() {
            *subscription = Subscription { names, sent: None };
            return (Verdict::None, self.due());
        }
        let Some(sent) = subscription.sent.as_mut().filter(|sent| sent.nonce == request.response_nonce) else {
            return (Verdict::None, Vec::new());
        };
        subscription.names = names;
        let version = sent.resources.version.clone();
        let verdict = match request.error_detail {
            Some(error) => Verdict::Rejected(kind, version, error.message),
            None if sent.accepted.is_none() => Verdict::Accepted(kind, version),
            None => Verdict::None,
        };
        match verdict {
            Verdict::Accepted(..) => sent.accepted = Some(true),
            Verdict::Rejected(..) => sent.accepted = Some(false),
            Verdict::None => {}
        }
        (verdict, self.due())
    }

    /// Everything asked for is in force as the snapshot has it.
    pub fn settled(&self) -> bool {
        Kind::ALL.into_iter().all(|kind| self.current(kind))
    }

    /// The version of the snapshot this stream is under.
    pub fn version(&self) -> String {
        self.snapshot.version()
    }

    /// What can be sent now. A kind waits for those before it, unless Envoy has asked for something it has never
    /// been sent: then it is Envoy that waits.
    fn due(&mut self) -> Vec<DiscoveryResponse> {
        let mut due = Vec::new();
        let mut blocked = false;
        for kind in Kind::ALL {
            let resources = self.wanted(kind);
            let Some(subscription) = self.asked.get(&kind) else { continue };
            let asked = subscription.unanswered();
            let changed = subscription.sent.as_ref().is_some_and(|s| s.resources.version != resources.version);
            if asked || (changed && !blocked) {
                due.push(self.send(kind, resources));
            }
            blocked |= !self.asked.get(&kind).is_some_and(Subscription::accepted);
        }
        due
    }

    /// What Envoy should have of this kind. Clusters that are going stay until nothing leads to them any more.
    fn wanted(&self, kind: Kind) -> Arc<Resources> {
        let exact = self.snapshot.of(kind);
        let sent = self.asked.get(&kind).and_then(|subscription| subscription.sent.as_ref());
        match sent {
            Some(sent) if kind == Kind::Clusters && !self.unreferenced() => Arc::new(exact.or(&sent.resources)),
            _ => exact,
        }
    }

    /// Everything that could lead to a cluster is as the snapshot has it.
    fn unreferenced(&self) -> bool {
        [Kind::Routes, Kind::Filters].into_iter().all(|kind| self.current(kind))
    }

    fn current(&self, kind: Kind) -> bool {
        self.asked.get(&kind).is_none_or(|subscription| {
            let version = &self.snapshot.of(kind).version;
            subscription.accepted() && subscription.sent.as_ref().is_some_and(|s| s.resources.version == *version)
        })
    }

    fn send(&mut self, kind: Kind, resources: Arc<Resources>) -> DiscoveryResponse {
        self.nonce += 1;
        let nonce = self.nonce.to_string();
        let subscription = self.asked.entry(kind).or_default();
        let names = subscription.names.clone();
        let asked = |name: &String| kind.wildcard() && names.is_empty() || names.contains(name);
        let chosen = resources.by_name.iter().filter(|(name, _)| asked(name));
        let response = DiscoveryResponse {
            version_info: resources.version.clone(),
            resources: chosen.map(|(_, resource)| resource.clone()).collect(),
            type_url: kind.type_url().into(),
            nonce: nonce.clone(),
            ..Default::default()
        };
        subscription.sent = Some(Sent { nonce, resources, names, accepted: None });
        response
    }
}

impl Subscription {
    /// Envoy waits for something: for a first answer, or for a name that no answer was about.
    fn unanswered(&self) -> bool {
        self.sent.as_ref().is_none_or(|sent| !self.names.is_subset(&sent.names))
    }

    fn accepted(&self) -> bool {
        self.sent.as_ref().is_some_and(|sent| sent.accepted == Some(true))
    }
}

#[cfg(test)]
mod tests;

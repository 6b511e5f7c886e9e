//! One Envoy's subscriptions, without I/O: requests and snapshots in, responses out.
//!
//! The protocol is ADS, state of the world.
//! <https://www.envoyproxy.io/docs/envoy/latest/api-docs/xds_protocol>

use super::{Kind, Snapshot, route, snapshot::Resources};
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
    /// The version of the primer that Envoy has accepted.
    primed: String,
    /// Envoy had clusters before this stream, from another; which ones is not known.
    resumed: bool,
}

#[derive(Debug, Default)]
struct Subscription {
    names: BTreeSet<String>,
    sent: Option<Sent>,
}

#[derive(Debug, Default)]
struct Sent {
    nonce: String,
    resources: Arc<Resources>,
    names: BTreeSet<String>,
    accepted: Option<bool>,
    /// The version of the primer that was with it.
    primer: Option<String>,
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
        Self { snapshot, asked: BTreeMap::new(), nonce: 0, primed: String::new(), resumed: false }
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
            self.resume(kind, &request.version_info);
            return (Verdict::None, self.due());
        }
        let Some(sent) = subscription.sent.as_mut().filter(|sent| sent.nonce == request.response_nonce)
        else {
            return (Verdict::None, Vec::new());
        };
        subscription.names = names;
        let version = sent.resources.version.clone();
        if let (Kind::Clusters, None, Some(primer)) = (kind, &request.error_detail, &sent.primer) {
            self.primed.clone_from(primer);
        }
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

    /// Takes up where an earlier stream ended. What is asked for by name is sent again: the version does not tell
    /// which names it was about.
    fn resume(&mut self, kind: Kind, version: &str) {
        let resources = self.snapshot.of(kind);
        let same = kind.wildcard() && resources.version == version;
        if kind == Kind::Clusters {
            self.resumed = !version.is_empty();
            if same {
                self.primed = self.snapshot.primer().version;
            }
        }
        if let Some(subscription) = self.asked.get_mut(&kind).filter(|_| same) {
            subscription.sent = Some(Sent { resources, accepted: Some(true), ..Sent::default() });
        }
    }

    /// Everything asked for is in force as the snapshot has it.
    pub fn settled(&self) -> bool {
        Kind::ALL.into_iter().all(|kind| self.current(kind))
    }

    /// The version of the snapshot this stream is under.
    pub fn version(&self) -> &str {
        self.snapshot.version()
    }

    /// Envoy has refused the primer because it is still fetching the module: it should be sent again in a while.
    pub fn fetching(&self) -> bool {
        !self.has_module() && self.asked.get(&Kind::Clusters).is_some_and(|s| s.accepted() == Some(false))
    }

    /// Sends the primer again.
    pub fn again(&mut self) -> Vec<DiscoveryResponse> {
        if !self.fetching() {
            return Vec::new();
        }
        let resources = self.wanted(Kind::Clusters);
        vec![self.send(Kind::Clusters, resources)]
    }

    /// What can be sent now: no first answer while what it depends on is still unanswered, and no change before what
    /// it depends on is in force. Keys are the exception: Envoy may answer for clusters only when they have theirs.
    fn due(&mut self) -> Vec<DiscoveryResponse> {
        let mut due = Vec::new();
        let (mut waiting, mut refused) = (false, false);
        for kind in Kind::ALL {
            let resources = self.wanted(kind);
            if kind == Kind::Routes && self.filter_comes_first(&resources) {
                continue;
            }
            let Some(subscription) = self.asked.get(&kind) else { continue };
            let asked = subscription.unanswered(&resources) && (!waiting || kind == Kind::Secrets);
            let changed =
                subscription.sent.as_ref().is_some_and(|s| s.resources.version != resources.version);
            if asked || (changed && !waiting && !refused) {
                due.push(self.send(kind, resources));
            }
            let accepted = self.asked.get(&kind).and_then(Subscription::accepted);
            waiting |= accepted.is_none() || !self.has_module();
            refused |= accepted == Some(false);
        }
        due
    }

    /// Routes that only lose clusters wait for the filter: it names these clusters until it is told otherwise.
    fn filter_comes_first(&self, next: &Resources) -> bool {
        let clusters = |routes: &Resources| -> BTreeSet<String> {
            routes.by_name.values().flat_map(route::clusters).collect()
        };
        let before = self.asked.get(&Kind::Routes).and_then(|routes| routes.sent.as_ref());
        before.filter(|_| !self.current(Kind::Filters)).is_some_and(|before| {
            let (before, next) = (clusters(&before.resources), clusters(next));
            next.is_subset(&before) && next.len() < before.len()
        })
    }

    /// What Envoy should have of this kind.
    fn wanted(&self, kind: Kind) -> Arc<Resources> {
        let exact = self.snapshot.of(kind);
        if kind != Kind::Clusters {
            return exact;
        }
        let none = Arc::default();
        let sent = self.asked.get(&kind).and_then(|s| s.sent.as_ref()).map_or(&none, |sent| &sent.resources);
        if !self.has_module() {
            // Before clusters with a new module there is one that has Envoy fetch it. What is there stays meanwhile:
            // known, or, refused as long as the primer is, replaced by the same.
            return Arc::new(self.snapshot.primer().or(if self.resumed { &exact } else { sent }));
        }
        // Clusters that are going stay until nothing leads to them any more.
        if self.unreferenced() { exact } else { Arc::new(exact.or(sent)) }
    }

    fn has_module(&self) -> bool {
        self.primed == self.snapshot.primer().version
    }

    /// Everything that could lead to a cluster is as the snapshot has it.
    fn unreferenced(&self) -> bool {
        [Kind::Routes, Kind::Filters].into_iter().all(|kind| self.current(kind))
    }

    fn current(&self, kind: Kind) -> bool {
        self.asked.get(&kind).is_none_or(|subscription| {
            let version = &self.snapshot.of(kind).version;
            let sent = subscription.sent.as_ref().filter(|sent| sent.accepted == Some(true));
            sent.is_some_and(|sent| sent.resources.version == *version)
        })
    }

    fn send(&mut self, kind: Kind, resources: Arc<Resources>) -> DiscoveryResponse {
        let primer = self.snapshot.primer().version;
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
        let primer = (kind == Kind::Clusters).then_some(primer);
        subscription.sent = Some(Sent { nonce, resources, names, accepted: None, primer });
        response
    }
}

impl Subscription {
    /// Envoy waits for something: for a first answer, for a name that no answer was about, or for one that there was
    /// nothing of, and now is.
    fn unanswered(&self, now: &Resources) -> bool {
        self.sent.as_ref().is_none_or(|sent| {
            let had =
                |name: &String| !now.by_name.contains_key(name) || sent.resources.by_name.contains_key(name);
            !self.names.iter().all(|name| sent.names.contains(name) && had(name))
        })
    }

    /// What Envoy said of the last response, if it has.
    fn accepted(&self) -> Option<bool> {
        self.sent.as_ref()?.accepted
    }
}

#[cfg(test)]
mod tests;

//! Whether a snapshot is whole: every name in it leads to something.

use super::{Kind, REST_CLUSTER, Snapshot, credential, route};

impl Snapshot {
    /// Names of clusters and secrets that something in the snapshot leads to and that are not in it. Empty for every
    /// snapshot that `snapshot()` makes; what is not must not be sent.
    pub fn check(&self) -> Vec<String> {
        let (clusters, secrets) = (self.of(Kind::Clusters), self.of(Kind::Secrets));
        let routed = self.of(Kind::Routes).by_name.values().flat_map(route::clusters).collect::<Vec<_>>();
        let used = clusters.by_name.values().filter_map(credential::named).collect::<Vec<_>>();
        let no_cluster = |name: &String| !clusters.by_name.contains_key(name) && name != REST_CLUSTER;
        let no_secret = |name: &String| !secrets.by_name.contains_key(name);
        let clusters = routed.into_iter().filter(no_cluster).map(|name| format!("no cluster `{name}`"));
        let secrets = used.into_iter().filter(no_secret).map(|name| format!("no secret `{name}`"));
        clusters.chain(secrets).collect()
    }
}

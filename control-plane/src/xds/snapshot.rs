//! The whole of Envoy's configuration at one moment: a pure function of the catalog.

use super::{Kind, Settings, cluster, credential, filter, listener, pb, pb::any, route};
use crate::catalog::Catalog;
use sha2::{Digest, Sha256};
use std::{collections::BTreeMap, sync::Arc};

const NO_TOKEN: &str = "it has no token (the reason is in this log and at /health)";

/// Everything Envoy is told. Made by [`snapshot`], replaced whole, sent by `Ads`.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Snapshot {
    kinds: BTreeMap<Kind, Arc<Resources>>,
    /// A hash of all that is in it.
    version: String,
    /// What the listener was made from, for Envoys that want theirs elsewhere.
    settings: Settings,
    /// Deployments that could not be made into clusters: id → why. They are left out.
    pub faults: BTreeMap<String, String>,
}

/// The resources of one kind, by name. The version is a hash of them: equal content, equal version.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Resources {
    /// Hexadecimal, 16 digits.
    pub version: String,
    /// By name, encoded.
    pub by_name: BTreeMap<String, pb::Any>,
}

/// Makes the snapshot. A deployment with an impossible `api_base`, or whose token is not there, is left out and named in
/// `faults`; the name that clients ask for stays.
pub fn snapshot(catalog: &Catalog, settings: &Settings) -> Snapshot {
    let mut catalog = catalog.clone();
    let mut clusters = BTreeMap::new();
    let mut faults = BTreeMap::new();
    catalog.offered.extend(catalog.models.iter().map(|model| model.name.clone()));
    catalog.models.retain(|model| {
        let fault = match cluster::deployment(model, settings) {
            Ok(_) if model.credential.is_some() && model.key.is_none() => NO_TOKEN.into(),
            Ok(cluster) if clusters.contains_key(&cluster.name) => "another deployment has this id".into(),
            Ok(cluster) => return clusters.insert(cluster.name.clone(), any(cluster)).is_none(),
            Err(fault) => fault.to_string(),
        };
        faults.insert(model.deployment.id.clone(), fault);
        false
    });
    let secrets = catalog.models.iter().filter_map(credential::secret).chain(listener::certificate(settings));
    let kinds = [
        (Kind::Clusters, clusters),
        (Kind::Secrets, secrets.map(|(name, secret)| (name, any(secret))).collect()),
        (Kind::Routes, [(route::ROUTES.to_owned(), any(route::gateway(&catalog, settings)))].into()),
        (Kind::Listeners, listeners(settings)),
        (Kind::Filters, [(super::FILTER.to_owned(), any(filter::ingress(&catalog, settings)))].into()),
    ];
    let kinds: BTreeMap<_, _> =
        kinds.into_iter().map(|(kind, by_name)| (kind, Arc::new(Resources::new(by_name)))).collect();
    let versions: String = kinds.values().map(|resources| resources.version.as_str()).collect();
    let version = short(Sha256::new_with_prefix(versions));
    Snapshot { kinds, version, settings: settings.clone(), faults }
}

fn listeners(settings: &Settings) -> BTreeMap<String, pb::Any> {
    [(listener::LISTENER.to_owned(), any(listener::gateway(settings)))].into()
}

impl Snapshot {
    /// The resources of one kind.
    pub fn of(&self, kind: Kind) -> Arc<Resources> {
        self.kinds.get(&kind).cloned().unwrap_or_else(|| Arc::new(Resources::new(BTreeMap::new())))
    }

    /// What it was made with beside the catalog.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Takes other resources in, to make a snapshot that is not whole.
    #[cfg(test)]
    pub fn replace(&mut self, kind: Kind, resources: Arc<Resources>) {
        self.kinds.insert(kind, resources);
    }

    /// The same for an Envoy that listens, or keeps its journal, elsewhere than the settings say.
    #[must_use]
    pub fn adapted(&self, adapt: impl FnOnce(&mut Settings)) -> Self {
        let mut own = self.clone();
        adapt(&mut own.settings);
        if own.settings != self.settings {
            own.kinds.insert(Kind::Listeners, Arc::new(Resources::new(listeners(&own.settings))));
        }
        own
    }

    /// The cluster that makes Envoy fetch the module, alone; its version stands for the module's.
    pub fn primer(&self) -> Resources {
        let primer = cluster::primer(&self.settings);
        Resources::new([(primer.name.clone(), any(primer))].into())
    }

    /// All versions as one: equal snapshots have equal ones. An adapted snapshot keeps the version of its origin.
    pub fn version(&self) -> &str {
        &self.version
    }
}

impl Resources {
    /// Takes resources in, by name.
    pub fn new(by_name: BTreeMap<String, pb::Any>) -> Self {
        let mut content = Sha256::new();
        for (name, resource) in &by_name {
            content.update(name.len().to_le_bytes());
            content.update(name);
            content.update(resource.value.len().to_le_bytes());
            content.update(&resource.value);
        }
        Self { version: short(content), by_name }
    }

    /// These, and those of `other` that are missing here.
    #[must_use]
    pub fn or(&self, other: &Self) -> Self {
        let mut by_name = other.by_name.clone();
        by_name.extend(self.by_name.clone());
        Self::new(by_name)
    }
}

fn short(content: Sha256) -> String {
    hex::encode(content.finalize().get(..8).unwrap_or_default())
}

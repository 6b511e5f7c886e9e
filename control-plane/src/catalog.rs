//! The models the gateway offers: what the config file and the database say, in one form. xDS is made from it.

pub mod entry;
mod resolve;

use crate::{
    credentials::Credential,
    environment::{Environment, below},
    errands::signer::Signer,
    fault::Fault,
    secret::Secret,
};
pub use entry::Entry;
use serde_json::{Map, Value};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};
use tianji_core::{config::Settings, deployment::Deployment};

/// Everything xDS is made from; replaced whole when something changes.
#[derive(Debug, Clone, Default)]
pub struct Catalog {
    /// In a stable order: the config file's, then the database's.
    pub models: Vec<Model>,
    /// Names that clients can ask for though none of their deployments may be served.
    pub offered: BTreeSet<String>,
    /// Grows with every catalog; see `tianji_core::config::Config::revision`.
    pub revision: i64,
    /// What the filter is told beside the models.
    pub settings: Settings,
}

/// One deployment and what only the control plane knows of it.
#[derive(Debug, Clone, Default)]
pub struct Model {
    /// The name clients ask for.
    pub name: String,
    /// What the filter is told. `id` is unique; `cluster` is `deployment/<id>`.
    pub deployment: Deployment,
    /// The provider's key, or a token in its place; goes to Envoy by SDS and nowhere else.
    pub key: Option<Secret>,
    /// The key goes into `authorization` behind this, and not where the provider wants its usual keys.
    pub scheme: Option<&'static str>,
    /// How `key` is had where it is a token: `credentials::Keeper` puts it in. Without it nothing is served.
    pub credential: Option<Credential>,
    /// What requests are signed with, where they are signed and none of it is Envoy's own to find.
    pub aws: Option<AwsKeys>,
    /// What requests are signed with, where the control plane does it.
    pub signer: Option<Arc<Signer>>,
    /// `model_info` as given, with `id`; shown by `/model/info`.
    pub info: Map<String, Value>,
    /// `litellm_params` as given, credentials masked; shown by `/model/info`.
    pub params: Map<String, Value>,
    /// It comes from the database (and can be changed) rather than from the config file.
    pub db: bool,
}

/// An access key of AWS's.
#[derive(Debug, Clone)]
pub struct AwsKeys {
    /// `aws_access_key_id`
    pub id: Secret,
    /// `aws_secret_access_key`
    pub secret: Secret,
    /// `aws_session_token`, of temporary keys.
    pub session: Option<Secret>,
}

impl Catalog {
    /// The filter's half: no keys.
    pub fn filter_config(&self) -> tianji_core::config::Config {
        let mut models: BTreeMap<_, Vec<_>> =
            self.offered.iter().map(|name| (name.clone(), Vec::new())).collect();
        for model in &self.models {
            models.entry(model.name.clone()).or_default().push(model.deployment.clone().into());
        }
        tianji_core::config::Config { revision: self.revision, models, settings: self.settings.clone() }
    }

    /// The catalog of these entries. What is wrong with one leaves that one out and is told; the rest is served.
    pub fn build(entries: &[Entry], settings: Settings, env: &Environment) -> (Self, Vec<Fault>) {
        let mut faults = Vec::new();
        let mut ids = BTreeSet::new();
        let mut models: Vec<Model> = Vec::new();
        for entry in entries {
            match resolve::model(entry, env) {
                Err(mut found) => faults.append(&mut found),
                Ok(mut model) => {
                    if entry.info.get("id").is_none() {
                        // Equal deployments are told apart by their order.
                        let first = model.deployment.id.clone();
                        let mut twin = 2;
                        while ids.contains(&model.deployment.id) {
                            model.name_deployment(format!("{first}-{twin}"));
                            twin += 1;
                        }
                    }
                    if ids.insert(model.deployment.id.clone()) {
                        models.push(model);
                    } else {
                        let message =
                            format!("another deployment has the id '{}' already", model.deployment.id);
                        faults.push(Fault::new(below(&entry.path, "model_info.id"), message));
                    }
                }
            }
        }
        share_traffic(&mut models, entries);
        (Self { models, settings, ..Self::default() }, faults)
    }

    /// The deployment with this id.
    pub fn model(&self, id: &str) -> Option<&Model> {
        self.models.iter().find(|model| model.deployment.id == id)
    }
}

impl Model {
    /// Gives the deployment its id, everywhere the id stands.
    fn name_deployment(&mut self, id: String) {
        self.deployment.cluster = format!("deployment/{id}");
        self.info.insert("id".into(), id.clone().into());
        self.deployment.id = id;
    }
}

/// LiteLLM's `simple-shuffle`: traffic is shared by the first of `weight`, `rpm`, `tpm` that any deployment of the
/// name has (those without it get none unless all others fail), evenly if none has any.
fn share_traffic(models: &mut [Model], entries: &[Entry]) {
    let mut measures = BTreeMap::new();
    for entry in entries {
        let named = ["weight", "rpm", "tpm"].iter().position(|m| resolve::number(&entry.params, m).is_some());
        if let Some(rank) = named {
            let best = measures.entry(entry.name.as_str()).or_insert(rank);
            *best = rank.min(*best);
        }
    }
    for model in models {
        let measure = measures.get(model.name.as_str()).and_then(|rank| ["weight", "rpm", "tpm"].get(*rank));
        model.deployment.weight =
            measure.map_or(1.0, |measure| resolve::number(&model.params, measure).unwrap_or(0.0));
    }
}

#[cfg(test)]
mod tests;

//! The models the gateway offers: what the config file and the database say, in one form. xDS is made from it.

use crate::secret::Secret;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use tianji_core::{config::Settings, deployment::Deployment};

/// Everything xDS is made from; replaced whole when something changes.
#[derive(Debug, Clone, Default)]
pub struct Catalog {
    /// In a stable order: the config file's, then the database's.
    pub models: Vec<Model>,
    /// What the filter is told beside the models.
    pub settings: Settings,
}

/// One deployment and what only the control plane knows of it.
#[derive(Debug, Clone)]
pub struct Model {
    /// The name clients ask for.
    pub name: String,
    /// What the filter is told. `id` is unique; `cluster` is `deployment/<id>`.
    pub deployment: Deployment,
    /// The provider's key; goes to Envoy by SDS and nowhere else.
    pub key: Option<Secret>,
    /// `model_info` as given, with `id`; shown by `/model/info`.
    pub info: Map<String, Value>,
    /// It comes from the database (and can be changed) rather than from the config file.
    pub db: bool,
}

impl Catalog {
    /// The filter's half: no keys.
    pub fn filter_config(&self) -> tianji_core::config::Config {
        let mut models: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for model in &self.models {
            models.entry(model.name.clone()).or_default().push(model.deployment.clone().into());
        }
        tianji_core::config::Config { models, settings: self.settings.clone() }
    }
}

//! What the filter is told: the models it can route to and how it should behave. Pushed by ECDS; no secrets.

use crate::deployment::Deployment;
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, rc::Rc};

/// The plugin configuration of the ingress filter.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Config {
    /// Makes every configuration a new one. Envoy does not tell the filter of one that it still has in use, as when a
    /// model comes and goes again, and the filter would go on with the one between.
    pub revision: i64,
    /// Model name (group) → the deployments that can answer for it; none while it is offered and cannot be served.
    pub models: BTreeMap<String, Vec<Rc<Deployment>>>,
    /// Everything else.
    pub settings: Settings,
}

impl Config {
    /// The same, with the gateway's switches written into the deployments that do not say otherwise: there the
    /// translation reads them.
    #[must_use]
    pub fn resolved(mut self) -> Self {
        if self.settings.drop_params {
            for deployment in self.models.values_mut().flatten() {
                Rc::make_mut(deployment).params.entry("drop_params").or_insert(true.into());
            }
        }
        self
    }
}

/// Gateway-wide behaviour.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// LiteLLM's `litellm_settings.drop_params`: drop what a provider does not support instead of refusing.
    pub drop_params: bool,
    /// Seconds a whole answer may take where the deployment does not say.
    pub request_timeout: f64,
    /// Deployments tried for one request, the first included.
    pub max_attempts: usize,
    /// An `envoy.config.core.v3.GrpcService`, serialized, that waits for an absent control plane. Asked for callers the VM
    /// knows. The plain cluster when empty.
    pub patient_service: String,
    /// Usage records kept in a VM while the control plane is away; older ones are left to the access log.
    pub record_queue: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            drop_params: false,
            request_timeout: 600.0,
            max_attempts: 4,
            patient_service: String::new(),
            record_queue: 20_000,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_deployment_keeps_its_own_word_on_parameters() {
        let config = json!({
            "models": { "m": [{ "id": "a" }, { "id": "b", "params": { "drop_params": false } }] },
            "settings": { "drop_params": true },
        });
        let config: Config = serde_json::from_value(config).unwrap();
        let drops: Vec<_> = config.resolved().models["m"].iter().map(|d| d.switch("drop_params")).collect();
        assert_eq!(drops, [true, false]);
    }
}

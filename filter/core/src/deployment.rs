//! One deployment of a model: where it is, what it costs, how it wants to be spoken to.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// An upstream that can answer for a model name. Holds no secret: the key is put in by Envoy.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Deployment {
    /// `model_info.id`.
    pub id: String,
    /// The Envoy cluster that leads there.
    pub cluster: String,
    /// The provider's slug: a name in `providers`.
    pub provider: String,
    /// The model's name at the provider, without the provider prefix.
    pub model: String,
    /// Base URL without a trailing slash, for instance `https://api.openai.com/v1`.
    pub api_base: String,
    /// Relative share of the traffic.
    pub weight: f64,
    /// Seconds a whole answer may take; the gateway's default when absent.
    pub timeout: Option<f64>,
    /// What else stood in `litellm_params`: defaults and switches such as `drop_params`, `max_tokens`,
    /// `extra_headers`. Never a credential.
    pub params: Map<String, Value>,
    /// The model's row of the price table, reduced to what the filter acts on: costs, limits and `supports_*`.
    pub facts: Map<String, Value>,
}

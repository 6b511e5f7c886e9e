//! IBM watsonx.ai, as far as it does not speak `OpenAI`'s format. <https://cloud.ibm.com/apidocs/watsonx-ai>

pub mod embeddings;
pub mod rerank;
pub mod text;

use crate::{deployment::Deployment, parameters::text_or};
use serde_json::{Map, Value};

/// The version of the API that is spoken where the deployment names none.
const VERSION: &str = "2024-03-13";

/// The customer's own deployment that a model's name stands for.
pub fn own(deployment: &Deployment) -> Option<&str> {
    deployment.model.strip_prefix("deployment/")
}

/// The path of an endpoint of texts.
pub fn path(deployment: &Deployment, endpoint: &str) -> String {
    let version = text_or(&deployment.params, "api_version", VERSION);
    match own(deployment) {
        Some(id) => format!("/ml/v1/deployments/{id}/text/{endpoint}?version={version}"),
        None => format!("/ml/v1/text/{endpoint}?version={version}"),
    }
}

/// Settings of a deployment that say how it is reached, and are nothing the model is told.
const REACHED: [&str; 6] = ["apikey", "region_name", "token", "url", "wx_credentials", "zen_api_key"];

/// Which model is meant, and on whose account: by a project, or else a space. A deployment has all of it already. What
/// says so among the settings of a request is taken out of it.
pub fn identity(asked: &mut Map<String, Value>, deployment: &Deployment) -> Map<String, Value> {
    asked.retain(|name, _| !REACHED.contains(&name.as_str()));
    let account = ["project_id", "space_id"].map(|name| asked.shift_remove_entry(name));
    let mut identity = Map::new();
    if own(deployment).is_none() {
        identity.insert("model_id".into(), deployment.model.as_str().into());
        identity.extend(account.into_iter().flatten().next());
    }
    identity
}

#[cfg(test)]
mod tests;

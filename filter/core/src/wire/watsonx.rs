//! IBM watsonx.ai, as far as it does not speak `OpenAI`'s format. <https://cloud.ibm.com/apidocs/watsonx-ai>

pub mod embeddings;
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

/// Says which model is meant, and on whose account: by a project, or else a space. A deployment has all of it already.
pub fn name_model(body: &mut Map<String, Value>, deployment: &Deployment) {
    let account = ["project_id", "space_id"].map(|name| body.shift_remove_entry(name));
    if own(deployment).is_none() {
        body.insert("model_id".into(), deployment.model.as_str().into());
        body.extend(account.into_iter().flatten().next());
    }
}

#[cfg(test)]
mod tests;

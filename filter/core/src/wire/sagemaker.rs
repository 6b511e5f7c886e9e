//! Amazon `SageMaker`'s endpoints: whatever model stands behind them, it is invoked in one way.
//! <https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_runtime_InvokeEndpoint.html>

pub mod chat;
mod embeddings;
pub mod text;

use super::{Target, bedrock::segment};
use crate::parameters::text_or;

/// The path of an endpoint.
fn path(target: &Target) -> String {
    let action = if target.call.stream { "invocations-response-stream" } else { "invocations" };
    format!("/endpoints/{}/{action}", segment(&target.deployment.model, b""))
}

/// The inference component that is meant, where an endpoint has several.
fn headers(target: &Target) -> Vec<(String, String)> {
    let component = text_or(&target.deployment.params, "model_id", "");
    let named = (!component.is_empty()).then_some(component);
    named
        .map(|name| ("x-amzn-sagemaker-inference-component".to_owned(), name.to_owned()))
        .into_iter()
        .collect()
}

#[cfg(test)]
mod tests;

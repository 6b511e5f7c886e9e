//! IBM watsonx.ai: `OpenAI`'s chat format at an address of its own, embeddings, and models that go on with a text.
//! <https://cloud.ibm.com/apidocs/watsonx-ai>

mod embeddings;
pub mod text;

use super::{Decoder, Target, Wire, openai};
use crate::{error::Error, operation::Operation, parameters::text_or};
use serde_json::{Map, Value};

/// The format.
#[derive(Debug, Clone, Copy)]
pub struct This;

/// The version of the API that is spoken where the deployment names none.
const VERSION: &str = "2024-03-13";

/// A model's name that stands for one of the customer's own deployments.
const DEPLOYMENT: &str = "deployment/";

impl Wire for This {
    fn path(&self, target: &Target) -> String {
        match target.call.operation {
            Operation::Embeddings => path(target, "embeddings"),
            _ if target.call.stream => path(target, "chat_stream"),
            _ => path(target, "chat"),
        }
    }

    fn supports(&self, operation: Operation) -> bool {
        matches!(operation, Operation::Chat | Operation::Messages | Operation::Embeddings)
    }

    fn request(&self, chat: Map<String, Value>, target: &Target) -> Result<Value, Error> {
        if target.call.operation == Operation::Embeddings {
            return embeddings::body(chat, target);
        }
        let mut body = openai::This.request(chat, target)?;
        if let Value::Object(body) = &mut body {
            name_model(body, target);
            if own(target).is_some() {
                body.insert("model".into(), "".into());
            }
        }
        Ok(body)
    }

    fn answer(&self, body: Value, target: &Target) -> Result<Value, Error> {
        match target.call.operation {
            Operation::Embeddings => embeddings::answer(&body, target),
            _ => openai::This.answer(body, target),
        }
    }

    fn decoder(&self, target: &Target) -> Box<dyn Decoder> {
        openai::This.decoder(target)
    }
}

/// The customer's own deployment that the model's name stands for.
fn own<'a>(target: &'a Target) -> Option<&'a str> {
    target.deployment.model.strip_prefix(DEPLOYMENT)
}

/// The path of an endpoint of texts.
fn path(target: &Target, endpoint: &str) -> String {
    let version = text_or(&target.deployment.params, "api_version", VERSION);
    match own(target) {
        Some(id) => format!("/ml/v1/deployments/{id}/text/{endpoint}?version={version}"),
        None => format!("/ml/v1/text/{endpoint}?version={version}"),
    }
}

/// Says which model is meant, and on whose account: by a project, or else a space. A deployment has all of it already.
fn name_model(body: &mut Map<String, Value>, target: &Target) {
    let account =
        ["project_id", "space_id"].map(|name| body.shift_remove(name).map(|id| (name.to_owned(), id)));
    if own(target).is_none() {
        body.insert("model_id".into(), target.deployment.model.as_str().into());
        body.extend(account.into_iter().flatten().next());
    }
}

#[cfg(test)]
mod tests;

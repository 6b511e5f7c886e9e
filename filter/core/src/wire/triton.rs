//! NVIDIA Triton: a server of models with inputs and outputs of their own. Its `generate` endpoint takes a text and
//! goes on with it, `infer` takes tensors. The deployment's address says which of them is meant.
//! <https://docs.nvidia.com/deeplearning/triton-inference-server/user-guide/docs/protocol/README.html>

mod tensors;

use super::{
    Decoder, Target, Wire, prompts,
    texts::{self, Pieces, Said},
};
use crate::{error::Error, operation::Operation};
use serde_json::{Map, Value, json};

/// The format.
#[derive(Debug, Clone, Copy)]
pub struct This;

/// How many tokens `generate` may answer with where nobody says.
const MAX_TOKENS: u64 = 2000;

impl Wire for This {
    fn path(&self, target: &Target) -> String {
        let below = if is_addressed(target) {
            String::new()
        } else if target.call.operation == Operation::Embeddings {
            format!("/v2/models/{}/infer", target.deployment.model)
        } else {
            format!("/v2/models/{}/generate", target.deployment.model)
        };
        if target.call.stream && !infers(target) { below + "_stream" } else { below }
    }

    fn supports(&self, operation: Operation) -> bool {
        operation.is_chat() || operation == Operation::Embeddings
    }

    fn request(&self, mut chat: Map<String, Value>, target: &Target) -> Result<Value, Error> {
        if target.call.operation == Operation::Embeddings {
            target.provider().fit_embeddings(&mut chat, target.deployment)?;
            return Ok(tensors::embed(&chat));
        }
        let (messages, mut parameters) = texts::split(chat, target)?;
        let prompt = prompts::spaced(&prompts::turns(&messages));
        if infers(target) {
            return Ok(tensors::ask(&prompt, parameters, target.call.stream));
        }
        parameters.entry("max_tokens").or_insert_with(|| MAX_TOKENS.into());
        Ok(json!({ "text_input": prompt, "parameters": parameters, "stream": target.call.stream }))
    }

    fn answer(&self, body: Value, target: &Target) -> Result<Value, Error> {
        match target.call.operation {
            Operation::Embeddings => tensors::vectors(&body, target),
            _ => texts::completion(&body, read(&body), target),
        }
    }

    fn decoder(&self, target: &Target) -> Box<dyn Decoder> {
        Box::new(Pieces::new(target, read))
    }
}

/// The deployment's address ends in an endpoint.
fn is_addressed(target: &Target) -> bool {
    ["/generate", "/infer"].iter().any(|end| target.deployment.path("").ends_with(end))
}

/// It is asked with tensors.
fn infers(target: &Target) -> bool {
    target.deployment.path("").ends_with("/infer")
}

fn read(body: &Value) -> Said {
    let text = body.get("text_output").and_then(Value::as_str).map(str::to_owned);
    let told = |name: &str| body.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    let finished = body.get("is_finished").and_then(Value::as_bool) == Some(true);
    Said {
        text: text.or_else(|| tensors::text(body)),
        finish: match told("stop_reason") {
            Some("length" | "max_tokens") => Some("length"),
            None if !finished => None,
            _ => Some("stop"),
        },
        usage: None,
    }
}

#[cfg(test)]
mod tests;

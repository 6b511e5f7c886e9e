//! Predictions: a model's own inputs in, its output out, which may take longer than one call.
//! <https://replicate.com/docs/topics/predictions>

use super::{
    Decoder, Target, Wire, prompts,
    texts::{self, Pieces, Said},
};
use crate::error::Error;
use serde_json::{Map, Value, json};

/// The format.
#[derive(Debug, Clone, Copy)]
pub struct This;

/// What `OpenAI`'s API has and no model here takes as an input.
const FOREIGN: [&str; 5] = ["function_call", "functions", "seed", "tool_choice", "tools"];

impl Wire for This {
    /// A version is named behind a colon; deployments have a place of their own.
    fn path(&self, target: &Target) -> String {
        let model = &target.deployment.model;
        let name = model.split_once(':').map_or(model.as_str(), |(_, version)| version);
        match name.strip_prefix("deployments/") {
            Some(name) => format!("/deployments/{name}/predictions"),
            None => format!("/models/{name}/predictions"),
        }
    }

    fn headers(&self, _chat: &Map<String, Value>, target: &Target) -> Vec<(String, String)> {
        let headers = target.provider().facts().headers.iter();
        headers.map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    fn request(&self, chat: Map<String, Value>, target: &Target) -> Result<Value, Error> {
        let (messages, mut parameters) = texts::split(chat, target)?;
        parameters.retain(|name, _| !FOREIGN.contains(&name.as_str()) && name != "stream_options");
        let mut input = Map::new();
        input.insert("prompt".into(), prompts::named(&target.deployment.model, &messages).into());
        input.extend(parameters);
        if target.call.stream {
            input.insert("stream".into(), true.into());
        }
        Ok(json!({ "input": input }))
    }

    fn answer(&self, body: Value, target: &Target) -> Result<Value, Error> {
        match body.get("status").and_then(Value::as_str).unwrap_or_default() {
            "succeeded" => texts::completion(&body, read(&body), target),
            "failed" | "canceled" | "aborted" => {
                let why = body.get("error").and_then(Value::as_str).unwrap_or("it says not why");
                Err(fault(422, "UnprocessableEntityError", format_args!("prediction not succeeded - {why}")))
            }
            "starting" | "processing" | "queued" => {
                Err(fault(504, "Timeout", "the prediction took longer than one may wait for it"))
            }
            _ => texts::completion(&body, Said::default(), target),
        }
    }

    fn decoder(&self, target: &Target) -> Box<dyn Decoder> {
        Box::new(Pieces::new(target, read))
    }
}

fn fault(status: u16, class: &str, why: impl std::fmt::Display) -> Error {
    let kind = if status < 500 { "invalid_request_error" } else { "internal_server_error" };
    Error::new(status, kind, format!("litellm.{class}: ReplicateException - {why}"))
}

/// An output is a text, or the pieces of one. Tokens are counted where the model does.
fn read(body: &Value) -> Said {
    let text = match body.get("output") {
        Some(Value::String(text)) => Some(text.clone()),
        Some(Value::Array(pieces)) => Some(pieces.iter().filter_map(Value::as_str).collect()),
        _ => None,
    };
    let count = |name: &str| body.get("metrics")?.get(name)?.as_u64();
    Said { text, finish: Some("stop"), usage: count("input_token_count").zip(count("output_token_count")) }
}

#[cfg(test)]
mod tests;

//! Text generation. <https://cloud.ibm.com/apidocs/watsonx-ai#text-generation>

use super::{identity, path};
use crate::{
    error::Error,
    wire::{
        Decoder, Target, Wire, prompts,
        texts::{self, Pieces, Said},
    },
};
use serde_json::{Map, Value, json};

/// The format.
#[derive(Debug, Clone, Copy)]
pub struct This;

impl Wire for This {
    fn path(&self, target: &Target) -> String {
        path(target.deployment, if target.call.stream { "generation_stream" } else { "generation" })
    }

    fn request(&self, chat: Map<String, Value>, target: &Target) -> Result<Value, Error> {
        let (messages, mut parameters) = texts::split(chat, target)?;
        let mut body = identity(&mut parameters, target.deployment);
        body.insert("input".into(), prompts::named(&target.deployment.model, &messages).into());
        body.insert(
            "moderations".into(),
            parameters.shift_remove("moderations").unwrap_or_else(|| json!({})),
        );
        if target.call.stream {
            body.insert("stream".into(), true.into());
            parameters.insert("stream".into(), true.into());
        }
        body.insert("parameters".into(), parameters.into());
        Ok(body.into())
    }

    fn answer(&self, body: Value, target: &Target) -> Result<Value, Error> {
        texts::completion(&body, read(&body), target)
    }

    fn decoder(&self, target: &Target) -> Box<dyn Decoder> {
        Box::new(Pieces::new(target, read))
    }
}

fn read(body: &Value) -> Said {
    let result = |name: &str| body.get("results")?.get(0)?.get(name);
    let count = |name: &str| result(name)?.as_u64();
    Said {
        text: result("generated_text").and_then(Value::as_str).map(str::to_owned),
        finish: match result("stop_reason").and_then(Value::as_str) {
            None | Some("not_finished") => None,
            Some("max_tokens" | "token_limit") => Some("length"),
            Some(_) => Some("stop"),
        },
        usage: count("input_token_count").zip(count("generated_token_count")),
    }
}

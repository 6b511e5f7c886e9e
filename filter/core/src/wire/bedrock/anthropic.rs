//! Anthropic's Messages in the envelope of `InvokeModel`: the model is in the path, the version in the body, a streamed
//! answer's events are in AWS's framing.
//! <https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-anthropic-claude-messages.html>

use super::{chunks::Chunks, invoke_path, of_status};
use crate::{
    error::Error,
    providers::Facts,
    wire::{Decoder, Framing, Target, Wire, anthropic},
};
use serde_json::{Map, Value, json};

/// The version every request names.
const VERSION: &str = "bedrock-2023-05-31";

/// The answer's cap where the client names none.
const MAX_TOKENS: u64 = 4096;

/// The feature that holds an answer to a schema.
const STRUCTURED: &str = "structured-outputs-2025-11-13";

/// Anthropic's features that Bedrock has too; it refuses requests that ask for others.
const FEATURES: [&str; 14] = [
    "compact-2026-01-12",
    "computer-use-2025-01-24",
    "computer-use-2025-11-24",
    "context-1m-2025-08-07",
    "context-management-2025-06-27",
    "dev-full-thinking-2025-05-14",
    "effort-2025-11-24",
    "fine-grained-tool-streaming-2025-05-14",
    "interleaved-thinking-2025-05-14",
    "output-128k-2025-02-19",
    STRUCTURED,
    "token-efficient-tools-2025-02-19",
    "tool-examples-2025-10-29",
    "tool-search-tool-2025-10-19",
];

/// The features `chat` makes use of, in Bedrock's words, and those that were asked for by name.
fn betas(chat: &Map<String, Value>, target: &Target) -> Vec<String> {
    let used = anthropic::betas(chat, target);
    let used = used.iter().filter_map(|beta| feature(beta)).map(str::to_owned);
    used.chain(super::asked_betas(target)).collect()
}

/// Bedrock's name for one of Anthropic's features, if it has it.
pub fn feature(beta: &str) -> Option<&'static str> {
    match beta {
        "advanced-tool-use-2025-11-20" => Some("tool-search-tool-2025-10-19"),
        _ => FEATURES.iter().find(|known| **known == beta).copied(),
    }
}

/// Puts a Message into its envelope.
pub fn envelop(body: &mut Map<String, Value>, mut betas: Vec<String>) {
    body.retain(|name, _| !matches!(name.as_str(), "model" | "stream"));
    body.insert("anthropic_version".into(), VERSION.into());
    if let Some(format) = body.remove("output_format") {
        match body.get_mut("output_config").and_then(Value::as_object_mut) {
            Some(config) => drop(config.insert("format".into(), format)),
            None => drop(body.insert("output_config".into(), json!({ "format": format }))),
        }
    }
    betas.sort_unstable();
    betas.dedup();
    if !betas.is_empty() {
        body.insert("anthropic_beta".into(), betas.into());
    }
}

/// The format's own words, with this provider's name.
fn own(error: Error) -> Error {
    Error { message: error.message.replace("AnthropicException", "BedrockException"), ..error }
}

/// The format.
#[derive(Debug, Clone, Copy)]
pub struct This;

impl Wire for This {
    fn path(&self, target: &Target) -> String {
        invoke_path(target, target.call.stream)
    }

    /// The one feature that is asked for in the head too.
    fn headers(&self, chat: &Map<String, Value>, target: &Target) -> Vec<(String, String)> {
        let asked = anthropic::betas(chat, target).iter().any(|beta| beta == STRUCTURED);
        asked.then(|| ("anthropic-beta".to_owned(), STRUCTURED.to_owned())).into_iter().collect()
    }

    fn request(&self, mut chat: Map<String, Value>, target: &Target) -> Result<Value, Error> {
        let betas = betas(&chat, target);
        let capped = ["max_tokens", "max_completion_tokens"].iter().any(|name| chat.contains_key(*name));
        if let Some(Value::Array(tools)) = chat.get_mut("tools") {
            tools.iter_mut().filter_map(Value::as_object_mut).for_each(|tool| {
                tool.remove("eager_input_streaming");
            });
        }
        let mut body = anthropic::This.request(chat, target).map_err(own)?;
        let Value::Object(members) = &mut body else { return Ok(body) };
        if !capped && members.get("thinking").is_none_or(|thinking| thinking.get("budget_tokens").is_none()) {
            members.insert("max_tokens".into(), MAX_TOKENS.into());
        }
        envelop(members, betas);
        Ok(body)
    }

    fn answer(&self, body: Value, target: &Target) -> Result<Value, Error> {
        anthropic::This.answer(body, target)
    }

    fn error(&self, facts: &Facts, status: u16, body: &[u8]) -> Error {
        of_status(facts, status, body)
    }

    fn framing(&self) -> Framing {
        Framing::EventStream
    }

    fn decoder(&self, target: &Target) -> Box<dyn Decoder> {
        Box::new(Chunks::new(target, anthropic::This.decoder(target)))
    }
}

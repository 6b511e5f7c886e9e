//! Models that go on with a text, by `InvokeModel`: the conversation becomes a prompt in the model's own template.
//! <https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters.html>

mod answer;
mod stream;
mod vendor;

use super::{Name, chunks::Chunks, of_status, segment};
use crate::{
    error::Error,
    parameters,
    providers::Facts,
    wire::{Decoder, Framing, Target, Wire, prompts},
};
use serde_json::{Map, Value};
use vendor::Vendor;

/// The format.
#[derive(Debug, Clone, Copy)]
pub struct This;

/// `OpenAI`'s parameters that are refused, or dropped, where a model does not take them; in the order `LiteLLM` names
/// them.
const REFUSED: [&str; 27] = [
    "functions",
    "function_call",
    "n",
    "stop",
    "max_completion_tokens",
    "modalities",
    "prediction",
    "audio",
    "presence_penalty",
    "frequency_penalty",
    "logit_bias",
    "response_format",
    "seed",
    "tools",
    "tool_choice",
    "logprobs",
    "top_logprobs",
    "parallel_tool_calls",
    "reasoning_effort",
    "verbosity",
    "thinking",
    "web_search_options",
    "safety_identifier",
    "service_tier",
    "store",
    "prompt_cache_key",
    "output_config",
];

/// Without meaning to these models, and nobody misses them.
const SILENT: [&str; 8] =
    ["messages", "model", "model_id", "n", "prompt_cache_retention", "stream", "stream_options", "user"];

impl Wire for This {
    fn path(&self, target: &Target) -> String {
        let streams = target.call.stream && Vendor::of(target).streams;
        let name = Name::of(&target.deployment.model);
        let also: &[u8] = if name.is_arn() { b"" } else { b":" };
        let action = if streams { "invoke-with-response-stream" } else { "invoke" };
        format!("/model/{}/{action}", segment(name.id(), also))
    }

    fn request(&self, mut chat: Map<String, Value>, target: &Target) -> Result<Value, Error> {
        let vendor = Vendor::of(target);
        let takes = |name: &str| vendor.params.iter().any(|(known, _)| *known == name);
        parameters::check(&mut chat, target.deployment, &REFUSED, |name| !takes(name))?;
        let Some(Value::Array(turns)) = chat.remove("messages") else {
            return Err(Error::invalid(
                "litellm.BadRequestError: BedrockException - messages: must be a list",
            ));
        };
        let mut settings = Map::new();
        for (name, own) in vendor.params {
            if let Some(value) = chat.remove(*name).filter(|value| !value.is_null() && !own.is_empty()) {
                settings.insert((*own).to_owned(), value);
            }
        }
        chat.retain(|name, value| !value.is_null() && !SILENT.contains(&name.as_str()));
        settings.extend(chat);
        if vendor.says_stream && target.call.stream {
            settings.insert("stream".into(), true.into());
        }
        let prompt = (vendor.prompt)(&prompts::turns(&turns));
        Ok(vendor.body(prompt, settings, &turns))
    }

    fn answer(&self, body: Value, target: &Target) -> Result<Value, Error> {
        answer::completion(&body, target)
    }

    fn error(&self, facts: &Facts, status: u16, body: &[u8]) -> Error {
        of_status(facts, status, body)
    }

    fn framing(&self) -> Framing {
        Framing::EventStream
    }

    fn decoder(&self, target: &Target) -> Box<dyn Decoder> {
        Box::new(Chunks::new(target, Box::new(stream::Stream::new(target))))
    }
}

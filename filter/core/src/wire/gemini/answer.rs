//! A whole answer as a `chat.completion`.

use super::{
    candidate::{self, Numbering, Said},
    errors,
    grounding::Metadata,
    response::{Candidate, Response},
    usage,
};
use crate::{
    error::Error,
    wire::{Target, openai::id},
};
use serde::Deserialize;
use serde_json::{Map, Value, json};

/// Reasons for which the vendor takes back what was said.
const WITHDRAWN: [&str; 7] = [
    "BLOCKLIST",
    "IMAGE_PROHIBITED_CONTENT",
    "IMAGE_SAFETY",
    "PROHIBITED_CONTENT",
    "RECITATION",
    "SAFETY",
    "SPII",
];

/// From a `GenerateContentResponse`.
pub fn completion(body: &Value, target: &Target) -> Result<Value, Error> {
    let facts = target.provider().facts();
    let unreadable = |why: &dyn std::fmt::Display| Error::unreadable(facts, body.to_string().as_bytes(), why);
    let mut answer = Response::deserialize(body).map_err(|error| unreadable(&error))?;
    if let Some(error) = &answer.error {
        return Err(errors::of_object(facts, error));
    }
    if answer.candidates.is_none() && answer.prompt_feedback.is_none() && answer.usage_metadata.is_none() {
        return Err(unreadable(&"no candidates"));
    }
    let usage = answer.usage_metadata.take();
    let mut candidates = answer.candidates.take().unwrap_or_default();
    if let Some(error) = candidates.iter().find_map(|candidate| candidate::malformed(candidate, facts)) {
        return Err(error);
    }
    let blocked = answer.prompt_feedback.is_some_and(|feedback| feedback.block_reason.is_some());
    let reason = candidates.first().and_then(|first| first.finish_reason.as_deref());
    if blocked || reason.is_some_and(|reason| WITHDRAWN.contains(&reason)) {
        return Ok(refusal(usage.as_ref(), target));
    }
    let mut metadata = Metadata::default();
    let mut numbering = Numbering { seed: id("", target, 0), now: target.now, calls: 0 };
    let mut choices = Vec::with_capacity(candidates.len());
    for (at, candidate) in candidates.iter_mut().enumerate() {
        if candidate.content.is_some() || candidate.finish_reason.is_some() {
            metadata.collect(candidate);
            choices.push(choice(at, candidate, &mut numbering));
        }
    }
    let id = answer.id.filter(|id| !id.is_empty());
    let mut chat = head(id.unwrap_or_else(|| generated(target)), choices, target);
    if let Some(usage) = usage {
        chat.insert("usage".into(), usage::chat(&usage, &metadata.grounding));
    }
    metadata.write(&mut chat, false);
    Ok(chat.into())
}

fn generated(target: &Target) -> String {
    id("chatcmpl-", target, 0)
}

fn head(id: String, choices: Vec<Value>, target: &Target) -> Map<String, Value> {
    let mut chat = Map::new();
    chat.insert("id".into(), id.into());
    chat.insert("object".into(), "chat.completion".into());
    chat.insert("created".into(), target.now.into());
    chat.insert("model".into(), target.deployment.model.as_str().into());
    chat.insert("choices".into(), choices.into());
    chat
}

/// Neither the prompt nor the answer was to the vendor's liking.
fn refusal(usage: Option<&Value>, target: &Target) -> Value {
    let message = json!({ "role": "assistant", "content": null });
    let choice = json!({ "index": 0, "finish_reason": "content_filter", "message": message });
    let mut chat = head(generated(target), vec![choice], target);
    if let Some(usage) = usage {
        chat.insert("usage".into(), usage::refused(usage));
    }
    chat.into()
}

fn choice(at: usize, candidate: &mut Candidate, numbering: &mut Numbering) -> Value {
    let said = Said::by(candidate, numbering);
    let native = candidate.finish_reason.as_deref();
    let reason =
        if said.calls.is_empty() { native.map_or("stop", candidate::finish_reason) } else { "tool_calls" };
    let mut message = said.fields();
    message.entry("content").or_insert(Value::Null);
    message.insert("role".into(), "assistant".into());
    let mut choice = Map::new();
    choice.insert("index".into(), candidate.index.unwrap_or(at as u64).into());
    choice.insert("finish_reason".into(), reason.into());
    choice.insert("message".into(), message.into());
    if let Some(logprobs) = candidate.logprobs_result.as_ref().and_then(candidate::logprobs) {
        choice.insert("logprobs".into(), logprobs);
    }
    if let Some(native) = native {
        choice.insert("provider_specific_fields".into(), json!({ "native_finish_reason": native }));
    }
    choice.into()
}

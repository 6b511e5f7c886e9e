//! The usual shapes of answers and chunks, read without copying. What does not fit one of them is not plain, and is
//! read as a tree instead.

use crate::usage::{Counts, Usage};
use serde::{Deserialize, de::IgnoredAny};
use serde_json::value::RawValue;
use std::borrow::Cow;

/// An answer that needs only its `model` changed.
pub struct Plain<'a> {
    /// The text of `model`'s value.
    pub model: &'a str,
    /// What it used.
    pub usage: Usage,
}

#[derive(Deserialize)]
struct Answer<'a> {
    #[serde(borrow)]
    id: Cow<'a, str>,
    #[serde(borrow)]
    object: Cow<'a, str>,
    created: u64,
    #[serde(borrow)]
    model: &'a RawValue,
    #[serde(borrow)]
    choices: Vec<Choice<'a>>,
    usage: Counts,
    error: Option<IgnoredAny>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Choice<'a> {
    #[serde(rename = "index")]
    _index: u64,
    #[serde(borrow)]
    message: Message<'a>,
    #[serde(borrow)]
    finish_reason: Cow<'a, str>,
    #[serde(rename = "logprobs")]
    _logprobs: Option<IgnoredAny>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Message<'a> {
    #[serde(rename = "role")]
    _role: IgnoredAny,
    #[serde(borrow)]
    content: Option<&'a RawValue>,
    refusal: Option<IgnoredAny>,
    #[serde(rename = "annotations")]
    _annotations: Option<IgnoredAny>,
    #[serde(rename = "audio")]
    _audio: Option<IgnoredAny>,
    #[serde(rename = "reasoning_content")]
    _reasoning_content: Option<IgnoredAny>,
    #[serde(borrow)]
    tool_calls: Option<Vec<ToolCall<'a>>>,
}

#[derive(Deserialize)]
struct ToolCall<'a> {
    #[serde(rename = "id", borrow)]
    _id: Cow<'a, str>,
    #[serde(rename = "type", borrow)]
    _type: Cow<'a, str>,
    #[serde(borrow)]
    function: Function<'a>,
}

#[derive(Deserialize)]
struct Function<'a> {
    #[serde(borrow)]
    arguments: &'a RawValue,
}

impl Choice<'_> {
    fn is_plain(&self) -> bool {
        let message = &self.message;
        let text = message.content.is_none_or(|content| {
            let text = content.get();
            text.starts_with('"') && !text.starts_with("\"<") && !text.starts_with("\"\\")
        });
        let called = message.tool_calls.as_ref();
        let calls = called.is_none_or(|calls| {
            !calls.is_empty() && calls.iter().all(|call| call.function.arguments.get().starts_with('"'))
        });
        let reason = match &*self.finish_reason {
            "stop" => called.is_none(),
            reason => matches!(reason, "length" | "tool_calls" | "content_filter" | "function_call"),
        };
        text && calls && reason && message.refusal.is_none()
    }
}

impl<'a> Plain<'a> {
    /// Reads a whole answer; `None` when it is not plain.
    pub fn answer(body: &'a [u8]) -> Option<Self> {
        let answer: Answer = serde_json::from_slice(body).ok()?;
        let whole = !answer.id.is_empty() && answer.created > 0 && answer.object == "chat.completion";
        let plain = whole && answer.error.is_none() && answer.choices.iter().all(Choice::is_plain);
        let usage = answer.usage.complete()?;
        plain.then(|| Self { model: answer.model.get(), usage })
    }
}

/// A chunk that only adds text to a choice.
pub struct PlainChunk<'a> {
    /// The text of `model`'s value.
    pub model: &'a str,
    /// The choice.
    pub index: u64,
    /// Bytes of text, as JSON.
    pub text: usize,
    /// It has fields beside those of every chunk.
    pub has_extras: bool,
}

#[derive(Deserialize)]
struct Chunk<'a> {
    #[serde(rename = "id", borrow)]
    id: Cow<'a, str>,
    #[serde(borrow)]
    model: &'a RawValue,
    #[serde(borrow)]
    choices: [ChunkChoice<'a>; 1],
    usage: Option<IgnoredAny>,
    error: Option<IgnoredAny>,
    x_groq: Option<IgnoredAny>,
    citations: Option<IgnoredAny>,
    service_tier: Option<IgnoredAny>,
    system_fingerprint: Option<IgnoredAny>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ChunkChoice<'a> {
    index: u64,
    #[serde(borrow)]
    delta: Delta<'a>,
    finish_reason: Option<IgnoredAny>,
    #[serde(rename = "logprobs")]
    _logprobs: Option<IgnoredAny>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Delta<'a> {
    #[serde(borrow)]
    content: &'a RawValue,
    refusal: Option<IgnoredAny>,
}

impl<'a> PlainChunk<'a> {
    /// Reads a chunk; `None` when it is not plain.
    pub fn read(data: &'a str) -> Option<Self> {
        let chunk: Chunk = serde_json::from_str(data).ok()?;
        let [choice] = chunk.choices;
        let text = choice.delta.content.get();
        let plain = !chunk.id.is_empty()
            && chunk.usage.is_none()
            && chunk.error.is_none()
            && chunk.x_groq.is_none()
            && choice.finish_reason.is_none()
            && choice.delta.refusal.is_none()
            && text.starts_with('"')
            && text.len() > 2;
        let has_extras = chunk.citations.or(chunk.service_tier).or(chunk.system_fingerprint).is_some();
        plain.then(|| Self {
            model: chunk.model.get(),
            index: choice.index,
            text: text.len() - 2,
            has_extras,
        })
    }
}

/// Writes `json` with `part`, which lies inside it, replaced.
pub fn splice(json: &[u8], part: &str, with: &[u8], out: &mut Vec<u8>) {
    let start = (part.as_ptr() as usize).saturating_sub(json.as_ptr() as usize);
    let before = json.get(..start).unwrap_or_default();
    let after = json.get(start + part.len()..).unwrap_or_default();
    out.reserve(before.len() + with.len() + after.len() + 16);
    out.extend_from_slice(before);
    out.extend_from_slice(with);
    out.extend_from_slice(after);
}

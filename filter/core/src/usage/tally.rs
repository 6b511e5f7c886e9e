//! Counting while a stream passes: what the provider reports, or else the bytes that went by.

use super::{Usage, complete, estimate};
use crate::{cost, wire::Target};
use serde_json::{Map, Value, json};

/// The fields of a chunk that its usage chunk repeats.
const HEAD: &[&str] = &["id", "created", "model", "object", "system_fingerprint", "service_tier"];

/// The running count of one stream.
#[derive(Debug)]
pub struct Tally {
    /// Estimate of the prompt, in tokens.
    prompt: u64,
    /// Bytes of answer so far.
    bytes: usize,
    /// Of those, the ones of reasoning.
    reasoning: usize,
    /// The answer calls tools.
    called: bool,
    /// The last `usage` object seen, as the provider sent it.
    reported: Option<(Usage, Value)>,
    /// The model's prices, for the usage chunk of a client that wants one.
    facts: Map<String, Value>,
}

impl Tally {
    /// Nothing counted yet.
    pub fn new(target: &Target) -> Self {
        let priced = target.call.include_usage && target.provider().tells_cost(target.deployment);
        let facts = if priced { target.deployment.facts.clone() } else { Map::new() };
        Self {
            prompt: target.call.estimate.prompt,
            bytes: 0,
            reasoning: 0,
            called: false,
            reported: None,
            facts,
        }
    }

    /// Counts a chunk and takes its `usage` out. False when that was all the chunk had: it need not be forwarded.
    pub fn count(&mut self, chunk: &mut Value) -> bool {
        let Some(map) = chunk.as_object_mut() else { return false };
        let usage = map.shift_remove("usage").filter(|usage| !usage.is_null());
        let had_usage = usage.is_some();
        if let Some(usage) = usage {
            self.report(usage);
        }
        let choices = map.get("choices").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        let mut content = false;
        for choice in choices {
            let delta = choice.get("delta").or(Some(choice));
            let reasoning = delta.and_then(|delta| delta.get("reasoning_content")?.as_str());
            self.reasoning += reasoning.map_or(0, str::len);
            self.called |= delta.is_some_and(|delta| delta.get("tool_calls").is_some());
            self.bytes += delta.map(text_in).unwrap_or_default();
            content |= delta.and_then(Value::as_object).is_some_and(|delta| !delta.is_empty())
                || choice.get("finish_reason").is_some_and(|reason| !reason.is_null());
        }
        content || !had_usage
    }

    /// Counts bytes of answer text.
    pub fn add_text(&mut self, bytes: usize) {
        self.bytes += bytes;
    }

    /// A `usage` object came by.
    pub fn report(&mut self, usage: Value) {
        if let Some(read) = Usage::read(&usage) {
            self.reported = Some((read, usage));
        }
    }

    /// Tokens so far; estimated where nothing was reported.
    pub fn usage(&self) -> Usage {
        self.reported.as_ref().map_or_else(|| self.guess(), |(usage, _)| *usage)
    }

    /// The stream's last chunk: `head` (`id`, `created`, `model`, …) with empty choices and the usage.
    pub fn chunk(&self, head: Value) -> Value {
        let mut chunk = if head.is_object() { head } else { json!({}) };
        if let Some(chunk) = chunk.as_object_mut() {
            chunk.retain(|name, _| HEAD.contains(&name.as_str()));
            chunk.insert("choices".into(), json!([{ "index": 0, "delta": {} }]));
            chunk.insert("usage".into(), self.body());
        }
        chunk
    }

    fn body(&self) -> Value {
        let usage = self.usage();
        let mut body = match &self.reported {
            Some((_, reported)) => reported.clone(),
            None => json!({
                "completion_tokens": usage.completion,
                "prompt_tokens": usage.prompt,
                "total_tokens": usage.total(),
            }),
        };
        complete(&mut body);
        let Some(map) = body.as_object_mut() else { return body };
        if !self.called && map.get("completion_tokens_details").is_none_or(Value::is_null) {
            let reasoning = estimate(self.reasoning).min(usage.completion);
            let details =
                json!({ "reasoning_tokens": reasoning, "text_tokens": usage.completion - reasoning });
            map.insert("completion_tokens_details".into(), details);
        }
        let cost = cost::cost(&usage, &self.facts);
        if cost > 0.0 {
            map.insert("cost".into(), json!(cost));
        }
        body
    }

    fn guess(&self) -> Usage {
        Usage { prompt: self.prompt, completion: estimate(self.bytes), estimated: true, ..Usage::default() }
    }
}

/// Bytes of text in a message, a delta or a choice of a text completion.
pub(super) fn text_in(message: &Value) -> usize {
    let length = |value: Option<&Value>| value.and_then(Value::as_str).map_or(0, str::len);
    let arguments = |call: &Value| length(call.pointer("/function/arguments"));
    let calls = message.get("tool_calls").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    ["content", "reasoning_content", "refusal", "text"]
        .iter()
        .map(|name| length(message.get(name)))
        .sum::<usize>()
        + calls.iter().map(arguments).sum::<usize>()
        + length(message.pointer("/function_call/arguments"))
}

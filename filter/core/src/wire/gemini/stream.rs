//! A streamed answer as `chat.completion.chunk`s. Nothing of the answer is kept.

use super::{
    candidate::{self, Numbering, Said},
    errors,
    grounding::Metadata,
    response::{Candidate, Response},
    usage,
};
use crate::{
    error::Error,
    providers::Facts,
    sse, usage as tokens,
    wire::{Decoder, Target, openai::id},
};
use serde_json::{Map, Value};

/// The most alternatives whose end is kept; the API gives no more than eight.
const MAX_CHOICES: usize = 64;

/// The decoder.
#[derive(Debug)]
pub struct Stream {
    facts: &'static Facts,
    id: String,
    model: String,
    created: u64,
    numbering: Numbering,
    /// The client knows who is speaking.
    speaking: bool,
    /// Bytes of thoughts so far.
    thought: usize,
    /// Something was shown that is not text.
    shown: bool,
    /// How each alternative ended, by its index: told at the end, for some models give a reason with every event.
    ends: Vec<(u64, End)>,
}

/// What is known of an alternative's end.
#[derive(Debug, Default)]
struct End {
    reason: Option<&'static str>,
    called: bool,
}

impl Stream {
    /// For the answer of `target`.
    pub fn new(target: &Target) -> Self {
        Self {
            facts: target.provider().facts(),
            id: String::new(),
            model: target.deployment.model.clone(),
            created: target.now,
            numbering: Numbering { seed: id("", target, 0), now: target.now, calls: 0 },
            speaking: false,
            thought: 0,
            shown: false,
            ends: Vec::new(),
        }
    }

    fn end_of(&mut self, index: u64) -> Option<&mut End> {
        let at = match self.ends.iter().position(|(known, _)| *known == index) {
            Some(at) => at,
            None if self.ends.len() >= MAX_CHOICES => return None,
            None => {
                self.ends.push((index, End::default()));
                self.ends.len() - 1
            }
        };
        self.ends.get_mut(at).map(|(_, end)| end)
    }

    fn chunk(&self, choice: Option<Map<String, Value>>) -> Map<String, Value> {
        let mut chunk = Map::with_capacity(11);
        chunk.insert("id".into(), self.id.as_str().into());
        chunk.insert("object".into(), "chat.completion.chunk".into());
        chunk.insert("created".into(), self.created.into());
        chunk.insert("model".into(), self.model.as_str().into());
        chunk.insert("choices".into(), choice.into_iter().map(Value::Object).collect());
        chunk
    }

    fn choice(index: u64, delta: Map<String, Value>, finish: Option<&str>) -> Map<String, Value> {
        let mut choice = Map::with_capacity(4);
        choice.insert("index".into(), index.into());
        choice.insert("delta".into(), delta.into());
        choice.insert("finish_reason".into(), finish.into());
        choice
    }

    /// One alternative's part of an event. What has nothing to say makes no chunk.
    fn candidate(&mut self, at: usize, mut candidate: Candidate, out: &mut Vec<Value>) {
        let index = candidate.index.unwrap_or(at as u64);
        let mut metadata = Metadata::default();
        metadata.collect(&candidate);
        let mut said = Said::by(&mut candidate, &mut self.numbering);
        said.thoughts.clear();
        self.thought += said.reasoning.as_ref().map_or(0, String::len);
        self.shown |= !said.images.is_empty() || said.audio.is_some();
        let words = said.content.is_some() || said.reasoning.is_some() || !said.calls.is_empty();
        let called = !said.calls.is_empty();
        if let Some(end) = self.end_of(index) {
            end.called |= called;
            end.reason = candidate.finish_reason.as_deref().map(candidate::finish_reason).or(end.reason);
        }
        let mut delta = said.fields();
        if delta.is_empty() && metadata.is_empty() {
            return;
        }
        if !std::mem::replace(&mut self.speaking, true) {
            delta.insert("role".into(), "assistant".into());
        }
        let mut choice = Self::choice(index, delta, None);
        if let Some(logprobs) = candidate.logprobs_result.as_ref().and_then(candidate::logprobs) {
            choice.insert("logprobs".into(), logprobs);
        }
        let mut chunk = self.chunk(Some(choice));
        if words || !metadata.is_empty() {
            metadata.write(&mut chunk, true);
        }
        out.push(chunk.into());
    }

    /// The prompt was refused: there are no candidates.
    fn refuse(&mut self, out: &mut Vec<Value>) {
        if !std::mem::replace(&mut self.speaking, true) {
            let mut delta = Map::new();
            delta.insert("role".into(), "assistant".into());
            out.push(self.chunk(Some(Self::choice(0, delta, None))).into());
        }
        if let Some(end) = self.end_of(0) {
            end.reason = Some("content_filter");
        }
    }

    /// The counts so far; thoughts that the vendor does not count are estimated from their length.
    fn count(&self, counts: &Value, grounding: &[Value], out: &mut Vec<Value>) {
        let mut own = usage::chat(counts, grounding);
        let completion = own.get("completion_tokens").and_then(Value::as_u64).unwrap_or(0);
        let other = self.shown || self.ends.iter().any(|(_, end)| end.called);
        if let Some(details) =
            own.get_mut("completion_tokens_details").and_then(Value::as_object_mut).filter(|_| !other)
        {
            let estimate = tokens::estimate(self.thought).min(completion);
            details.entry("reasoning_tokens").or_insert_with(|| estimate.into());
        }
        let mut chunk = self.chunk(None);
        chunk.insert("usage".into(), own);
        out.push(chunk.into());
    }
}

impl Decoder for Stream {
    fn push(&mut self, event: &sse::Event, out: &mut Vec<Value>) -> Result<(), Error> {
        // One malformed event does not end a stream; without an end it is an error all the same.
        let Ok(answer) = serde_json::from_str::<Response>(&event.data) else { return Ok(()) };
        if let Some(error) = &answer.error {
            return Err(errors::of_object(self.facts, error));
        }
        if self.id.is_empty() {
            let given = answer.id.filter(|id| !id.is_empty());
            self.id = given.unwrap_or_else(|| format!("chatcmpl-{}", self.numbering.seed));
        }
        if answer.prompt_feedback.is_some_and(|feedback| feedback.block_reason.is_some()) {
            self.refuse(out);
        }
        let mut grounding = Metadata::default();
        for (at, candidate) in answer.candidates.unwrap_or_default().into_iter().enumerate() {
            if let Some(error) = candidate::malformed(&candidate, self.facts) {
                return Err(error);
            }
            grounding.collect(&candidate);
            self.candidate(at, candidate, out);
        }
        if let Some(counts) = &answer.usage_metadata {
            self.count(counts, &grounding.grounding, out);
        }
        Ok(())
    }

    fn end(&mut self, out: &mut Vec<Value>) -> Result<(), Error> {
        if self.ends.is_empty() || self.ends.iter().any(|(_, end)| end.reason.is_none()) {
            return Err(Error::truncated(self.facts));
        }
        for (index, End { reason, called }) in std::mem::take(&mut self.ends) {
            let reason = match reason {
                Some("stop") if called => "tool_calls",
                Some(reason) => reason,
                None => "stop",
            };
            out.push(self.chunk(Some(Self::choice(index, Map::new(), Some(reason)))).into());
        }
        Ok(())
    }
}

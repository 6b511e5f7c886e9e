//! A streamed answer on its way from an upstream that speaks Google's API itself: each response passes as it is.

use super::framing::Framing;
use crate::{
    error::Error,
    operation::Api,
    providers::Facts,
    sse::Event,
    translate::{
        Flow,
        events::{Events, Steps},
    },
    usage::{self, Usage},
    wire::{Target, gemini},
};
use serde::Deserialize;
use serde_json::Value;

/// One stream on its way through. Keeps a handful of counters.
pub struct Relay {
    facts: &'static Facts,
    framing: Framing,
    prompt: u64,
    /// Bytes of what is said, nearly.
    bytes: usize,
    counted: Option<Usage>,
    /// A candidate has come to its end, or the prompt was refused.
    ended: bool,
}

/// What a response is made of beside its text, in bytes: for the estimate of a stream that breaks off.
const AROUND: usize = 250;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Response {
    #[serde(default)]
    candidates: Vec<Candidate>,
    usage_metadata: Option<Value>,
    prompt_feedback: Option<Feedback>,
    error: Option<Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Candidate {
    finish_reason: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Feedback {
    block_reason: Option<String>,
}

impl Relay {
    /// For the answer to the target's call.
    pub fn flow(target: &Target) -> Box<dyn Flow> {
        let relay = Self {
            facts: target.provider().facts(),
            framing: Framing::of(target.call),
            prompt: target.call.estimate.prompt,
            bytes: 0,
            counted: None,
            ended: false,
        };
        Box::new(Events::new(target, relay))
    }
}

impl Steps for Relay {
    fn push(&mut self, event: &Event, out: &mut Vec<u8>) -> Result<(), Error> {
        // One malformed event does not end a stream; no client could read it.
        let Ok(response) = serde_json::from_str::<Response>(&event.data) else { return Ok(()) };
        if let Some(error) = response.error.filter(|error| !error.is_null()) {
            return Err(gemini::fault(self.facts, &error));
        }
        let refused = response.prompt_feedback.is_some_and(|feedback| feedback.block_reason.is_some());
        self.ended |=
            refused || response.candidates.iter().any(|candidate| candidate.finish_reason.is_some());
        self.bytes = self.bytes.saturating_add(event.data.len().saturating_sub(AROUND));
        if let Some(usage) = response.usage_metadata.as_ref().and_then(gemini::usage) {
            self.counted = Some(usage);
        }
        let line = if event.data.contains('\n') { event.data.replace('\n', " ") } else { String::new() };
        self.framing.write_text(if line.is_empty() { &event.data } else { &line }, out);
        Ok(())
    }

    fn end(&mut self, out: &mut Vec<u8>) -> Result<(), Error> {
        if !self.ended {
            return Err(Error::truncated(self.facts));
        }
        self.framing.end(out);
        Ok(())
    }

    fn usage(&self) -> Usage {
        self.counted.filter(|_| self.ended).unwrap_or_else(|| Usage {
            prompt: self.prompt,
            completion: usage::estimate(self.bytes),
            estimated: true,
            ..Usage::default()
        })
    }

    fn fail(&mut self, error: &Error, _api: Api, out: &mut Vec<u8>) {
        self.framing.fail(error, out);
    }
}

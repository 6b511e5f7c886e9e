//! A streamed response on its way from an upstream that has the API itself: each event passes as it is, but for the
//! model's name.

use crate::{
    cost,
    error::Error,
    fields::Fields,
    operation::Api,
    providers::Facts,
    sse::Event,
    translate::{
        Flow,
        events::{Events, Steps},
    },
    usage::{self, Usage},
    wire::{Target, responses},
};
use serde_json::{Map, Value, json};

/// One stream on its way through. Keeps a handful of counters.
pub struct Relay {
    facts: &'static Facts,
    model: String,
    /// The model's prices: the last event says what it all cost.
    prices: Map<String, Value>,
    prompt: u64,
    /// Bytes of what is said, nearly.
    bytes: usize,
    counted: Option<Usage>,
    /// The last event has come.
    ended: bool,
    /// The client has been told of an error by the upstream's own event.
    told: bool,
}

/// What an event is made of beside a delta's text, in bytes: for the estimate of a stream that breaks off.
const AROUND_A_DELTA: usize = 150;

impl Relay {
    /// For the answer to the target's call.
    pub fn flow(target: &Target) -> Box<dyn Flow> {
        let relay = Self {
            facts: target.provider().facts(),
            model: target.call.model.clone(),
            prices: target.deployment.facts.clone(),
            prompt: target.call.estimate.prompt,
            bytes: 0,
            counted: None,
            ended: false,
            told: false,
        };
        Box::new(Events::new(target, relay))
    }

    /// An event with the whole response in it, so far.
    fn milestone(&mut self, kind: &str, event: &Event, out: &mut Vec<u8>) -> Result<(), Error> {
        let Ok(mut data) = serde_json::from_str::<Value>(&event.data) else { return Ok(()) };
        let mut failed = None;
        if let Some(response) = data.get_mut("response") {
            if matches!(kind, "response.completed" | "response.incomplete" | "response.failed") {
                self.ended = true;
                failed = responses::failure(response, self.facts);
                self.count(response);
            }
            if let Some(response) = response.as_object_mut() {
                response.insert("model".into(), self.model.as_str().into());
            }
        }
        write(kind, &data.to_string(), out);
        self.told = failed.is_some();
        failed.map_or(Ok(()), Err)
    }

    fn count(&mut self, response: &mut Value) {
        let Some(usage) = response.get_mut("usage") else { return };
        self.counted = responses::usage(usage);
        let cost = self.counted.map_or(0.0, |counted| cost::cost(&counted, &self.prices));
        if let Some(usage) = usage.as_object_mut().filter(|_| cost > 0.0) {
            usage.insert("cost".into(), json!(cost));
        }
    }
}

impl Steps for Relay {
    fn push(&mut self, event: &Event, out: &mut Vec<u8>) -> Result<(), Error> {
        let kind = if event.name.is_empty() { kind(&event.data) } else { event.name.clone() };
        match kind.as_str() {
            "" if event.data.trim() == "[DONE]" || serde_json::from_str::<Value>(&event.data).is_err() => {
                Ok(())
            }
            "error" | "" => {
                let data: Value = serde_json::from_str(&event.data).unwrap_or_default();
                let error = data.get("error").filter(|error| error.is_object()).unwrap_or(&data).clone();
                let failed = kind == "error" || data.get("error").is_some();
                if failed {
                    return Err(Error::inside(self.facts, &json!({ "error": responses::cause(error) })));
                }
                write("", &event.data, out);
                Ok(())
            }
            "response.created"
            | "response.queued"
            | "response.in_progress"
            | "response.completed"
            | "response.incomplete"
            | "response.failed" => self.milestone(&kind, event, out),
            kind => {
                if kind.rsplit('.').next() == Some("delta") {
                    self.bytes = self.bytes.saturating_add(event.data.len().saturating_sub(AROUND_A_DELTA));
                }
                write(kind, &event.data, out);
                Ok(())
            }
        }
    }

    fn end(&mut self, _out: &mut Vec<u8>) -> Result<(), Error> {
        if self.ended { Ok(()) } else { Err(Error::truncated(self.facts)) }
    }

    fn usage(&self) -> Usage {
        self.counted.unwrap_or_else(|| Usage {
            prompt: self.prompt,
            completion: usage::estimate(self.bytes),
            estimated: true,
            ..Usage::default()
        })
    }

    fn fail(&mut self, error: &Error, api: Api, out: &mut Vec<u8>) {
        if !self.told {
            out.extend(error.event(api));
        }
    }
}

fn write(name: &str, data: &str, out: &mut Vec<u8>) {
    if !name.is_empty() {
        out.extend_from_slice(b"event: ");
        out.extend_from_slice(name.as_bytes());
        out.push(b'\n');
    }
    for line in data.split('\n') {
        out.extend_from_slice(b"data: ");
        out.extend_from_slice(line.as_bytes());
        out.push(b'\n');
    }
    out.push(b'\n');
}

/// The kind of an event without a name.
fn kind(data: &str) -> String {
    let fields = Fields::of(data.as_bytes()).ok();
    let kind = fields.as_ref().and_then(|fields| serde_json::from_str(fields.get("type")?).ok());
    kind.unwrap_or_default()
}

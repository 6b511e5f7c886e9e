//! A streamed response on its way from an upstream that has the API itself: each event passes as it is, but for the
//! model's name.

use crate::{
    error::Error,
    fields::{Fields, quoted},
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
use serde_json::{Value, json};

/// One stream on its way through. Keeps a handful of counters.
pub struct Relay {
    facts: &'static Facts,
    model: String,
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
            model: quoted(&target.call.model),
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
        let renamed = renamed(&event.data, &self.model);
        write(kind, renamed.as_deref().unwrap_or(&event.data), out);
        if !matches!(kind, "response.completed" | "response.incomplete" | "response.failed") {
            return Ok(());
        }
        self.ended = true;
        let data: Value = serde_json::from_str(&event.data).unwrap_or_default();
        let response = data.get("response").unwrap_or(&Value::Null);
        self.counted = response.get("usage").and_then(responses::usage);
        match responses::failure(response, self.facts) {
            Some(error) => {
                self.told = true;
                Err(error)
            }
            None => Ok(()),
        }
    }
}

impl Steps for Relay {
    fn push(&mut self, event: &Event, out: &mut Vec<u8>) -> Result<(), Error> {
        let kind = if event.name.is_empty() { kind(&event.data) } else { event.name.clone() };
        match kind.as_str() {
            "" if event.data.trim() == "[DONE]" || serde_json::from_str::<Value>(&event.data).is_err() => Ok(()),
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
            "response.created" | "response.queued" | "response.in_progress" | "response.completed"
            | "response.incomplete" | "response.failed" => self.milestone(&kind, event, out),
            kind => {
                if kind.ends_with(".delta") {
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

/// The event with another model in its response.
fn renamed(data: &str, model: &str) -> Option<String> {
    let event = Fields::of(data.as_bytes()).ok()?;
    let mut response = Vec::with_capacity(data.len());
    Fields::of(event.get("response")?.as_bytes()).ok()?.write(&[("model", model)], &mut response);
    let mut out = Vec::with_capacity(data.len().saturating_add(64));
    event.write(&[("response", std::str::from_utf8(&response).ok()?)], &mut out);
    String::from_utf8(out).ok()
}

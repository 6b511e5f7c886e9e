//! A stream between a client and an upstream that both speak Messages: every event passes byte for byte, as soon as
//! it is whole. Only the model's name in `message_start` is rewritten.

mod frames;

use super::{native, usage::Counts};
use crate::{
    error::Error,
    fields::{Fields, quoted},
    operation::Api,
    translate::{Flow, Pushed},
    usage::{self, Usage},
};
use frames::{Frames, data, event_name, is_event, lines};
use serde::{Deserialize, de::IgnoredAny};
use std::borrow::Cow;

/// What an event is made of beside a delta's text, in bytes: for the estimate of a stream that breaks off.
const AROUND_A_DELTA: usize = 115;

/// One stream on its way through. Keeps the unfinished event and a handful of counters.
#[derive(Debug)]
pub(super) struct Relay {
    model: String,
    frames: Frames,
    told: Told,
}

/// What the stream has told so far.
#[derive(Debug, Default)]
struct Told {
    /// Estimated tokens of the prompt.
    prompt: u64,
    /// Bytes of text in deltas, nearly.
    bytes: usize,
    counts: Counts,
    /// The prompt's count has come.
    started: bool,
    /// The final count has come.
    counted: bool,
    ending: Ending,
}

/// How far the stream is from its end.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Ending {
    /// More is to come.
    #[default]
    Open,
    /// The last event has come, or the upstream's error.
    Told,
    /// The client has been told of an error that the upstream did not tell: nothing may follow.
    Failed,
}

impl Relay {
    /// For a stream under the name the client knows the model by, answering a request whose prompt was estimated at
    /// `prompt` tokens.
    pub(super) fn new(model: impl Into<String>, prompt: u64) -> Self {
        Self { model: model.into(), frames: Frames::default(), told: Told { prompt, ..Told::default() } }
    }
}

impl Flow for Relay {
    fn push(&mut self, bytes: &[u8]) -> Pushed {
        let Self { model, frames, told } = self;
        if told.ending == Ending::Failed {
            return Pushed::default();
        }
        let mut pushed =
            Pushed { bytes: Vec::with_capacity(bytes.len().saturating_add(128)), ..Pushed::default() };
        let fits = frames.push(bytes, |frame| {
            let first = pushed.bytes.is_empty();
            let error = told.frame(frame, model, &mut pushed.bytes);
            pushed.alone |= first && error.is_some();
            pushed.error = pushed.error.take().or(error);
        });
        if !fits {
            pushed.alone = pushed.bytes.is_empty();
            pushed.error =
                Some(told.fail("An event of the provider's stream is too large", &mut pushed.bytes));
        }
        pushed
    }

    fn end(&mut self) -> Pushed {
        let Self { model, frames, told } = self;
        let rest = frames.rest();
        let mut out = Vec::new();
        if told.ending != Ending::Open {
            return Pushed::default();
        }
        if serde_json::from_slice::<Event>(&data(&rest)).is_ok() {
            // The end of the stream stands for the blank line after its last event.
            let error = told.frame(&rest, model, &mut out);
            out.extend_from_slice(b"\n\n");
            if told.ending != Ending::Open {
                return Pushed { bytes: out, alone: error.is_some(), error };
            }
        } else if let Some(error) =
            Fields::of(&rest).ok().and_then(|body| native::failure(body.get("error")?))
        {
            // No stream at all, but an error in one piece.
            told.ending = Ending::Told;
            return Pushed { bytes: error.event(Api::Anthropic), error: Some(error), alone: true };
        }
        let alone = out.is_empty();
        let error = told.fail("The provider's stream ended before its message_stop event", &mut out);
        Pushed { bytes: out, error: Some(error), alone }
    }

    fn usage(&self) -> Usage {
        let told = &self.told;
        let mut usage = Usage::from(told.counts);
        if !told.started {
            usage.prompt = told.prompt;
        }
        if !told.counted {
            usage.completion = usage.completion.max(usage::estimate(told.bytes));
        }
        usage.estimated = !told.started || !told.counted;
        usage
    }
}

#[derive(Deserialize)]
struct Event<'a> {
    #[serde(rename = "type", borrow, default)]
    kind: Cow<'a, str>,
    message: Option<Message>,
    usage: Option<Counts>,
}

#[derive(Deserialize)]
struct Message {
    usage: Option<Counts>,
}

impl Told {
    /// Passes one event on, and takes note of what it says.
    fn frame(&mut self, frame: &[u8], model: &str, out: &mut Vec<u8>) -> Option<Error> {
        let name = event_name(frame);
        if name == b"content_block_delta" {
            self.bytes = self.bytes.saturating_add(frame.len().saturating_sub(AROUND_A_DELTA));
            out.extend_from_slice(frame);
            return None;
        }
        if matches!(name, b"content_block_start" | b"content_block_stop" | b"ping") {
            out.extend_from_slice(frame);
            return None;
        }
        if !is_event(frame) {
            return None;
        }
        let data = data(frame);
        let event = serde_json::from_slice::<Event>(&data).ok();
        let readable = || serde_json::from_slice::<IgnoredAny>(&data).is_ok();
        if event.is_none() && !data.is_empty() && name != b"error" && !readable() {
            // One malformed event does not end a stream; no client could read it.
            return None;
        }
        let kind = match &event {
            Some(event) if name.is_empty() => event.kind.as_bytes(),
            _ => name,
        };
        let mut rewritten = None;
        let mut error = None;
        match kind {
            b"message_start" => {
                self.start(event.as_ref());
                rewritten = renamed(&data, model);
            }
            b"message_delta" => self.count(event.as_ref()),
            b"message_stop" => self.ending = Ending::Told,
            b"error" => {
                self.ending = Ending::Told;
                let told = Fields::of(&data).ok().and_then(|body| native::failure(body.get("error")?));
                error = told.or_else(|| Some(Error::new(500, "api_error", String::from_utf8_lossy(&data))));
            }
            b"content_block_delta" => self.bytes = self.bytes.saturating_add(data.len().saturating_sub(70)),
            _ => {}
        }
        match rewritten {
            Some(data) => with_data(frame, &data, out),
            None => out.extend_from_slice(frame),
        }
        error
    }

    fn start(&mut self, event: Option<&Event>) {
        if let Some(counts) = event.and_then(|event| event.message.as_ref()?.usage) {
            self.counts.update(counts);
            self.started = true;
        }
    }

    fn count(&mut self, event: Option<&Event>) {
        if let Some(counts) = event.and_then(|event| event.usage) {
            self.counts.update(counts);
            self.counted = true;
        }
    }

    fn fail(&mut self, message: &str, out: &mut Vec<u8>) -> Error {
        self.ending = Ending::Failed;
        let error = Error::new(502, "api_error", message);
        out.extend_from_slice(&error.event(Api::Anthropic));
        error
    }
}

/// `message_start` with another model in its message.
fn renamed(data: &[u8], model: &str) -> Option<Vec<u8>> {
    let event = Fields::of(data).ok()?;
    let mut message = Vec::with_capacity(data.len());
    Fields::of(event.get("message")?.as_bytes()).ok()?.write(&[("model", &quoted(model))], &mut message);
    let mut out = Vec::with_capacity(data.len().saturating_add(64));
    event.write(&[("message", std::str::from_utf8(&message).ok()?)], &mut out);
    // Data of several lines has line ends between its tokens, and only there.
    out.iter_mut().filter(|byte| **byte == b'\n').for_each(|byte| *byte = b' ');
    Some(out)
}

/// The event with other data; everything else in it stays, its line ends too.
fn with_data(frame: &[u8], data: &[u8], out: &mut Vec<u8>) {
    let mut written = false;
    for (line, end) in lines(frame) {
        if !line.starts_with(b"data:") {
            out.extend_from_slice(line);
        } else if written {
            continue;
        } else {
            written = true;
            out.extend_from_slice(b"data: ");
            out.extend_from_slice(data);
        }
        out.extend_from_slice(end);
    }
}

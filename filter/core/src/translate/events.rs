//! A flow that is made event by event: the bytes are cut, and an error ends the stream in the client's dialect.

use super::{Flow, Pushed};
use crate::{
    error::Error,
    event_stream, lines,
    operation::Api,
    sse::{self, Event},
    usage::Usage,
    wire::Target,
};
use std::fmt::Display;

/// How an upstream's bytes become events.
pub trait Framing {
    /// What is wrong with bytes that are none.
    type Error: Display;
    /// Takes bytes off the front of `input` up to the end of the next event. `None`: all taken, no event finished.
    fn next(&mut self, input: &mut &[u8]) -> Result<Option<&Event>, Self::Error>;
    /// The stream has ended: the last event, where it needs no end of its own.
    fn end(&mut self) -> Result<Option<&Event>, Self::Error>;
}

impl Framing for sse::Splitter {
    type Error = sse::TooLong;

    fn next(&mut self, input: &mut &[u8]) -> Result<Option<&Event>, Self::Error> {
        self.next(input)
    }

    fn end(&mut self) -> Result<Option<&Event>, Self::Error> {
        Ok(self.end())
    }
}

impl Framing for event_stream::Splitter {
    type Error = event_stream::Broken;

    fn next(&mut self, input: &mut &[u8]) -> Result<Option<&Event>, Self::Error> {
        self.next(input)
    }

    fn end(&mut self) -> Result<Option<&Event>, Self::Error> {
        event_stream::Splitter::end(self).map(|()| None)
    }
}

impl Framing for event_stream::Parts {
    type Error = event_stream::Broken;

    fn next(&mut self, input: &mut &[u8]) -> Result<Option<&Event>, Self::Error> {
        self.next(input)
    }

    fn end(&mut self) -> Result<Option<&Event>, Self::Error> {
        self.end()
    }
}

impl Framing for lines::Splitter {
    type Error = sse::TooLong;

    fn next(&mut self, input: &mut &[u8]) -> Result<Option<&Event>, Self::Error> {
        self.next(input)
    }

    fn end(&mut self) -> Result<Option<&Event>, Self::Error> {
        self.end()
    }
}

/// The steps of such a flow.
pub trait Steps {
    /// One event in, any number of bytes out. An error reported inside the stream is an `Err`; the stream ends there.
    fn push(&mut self, event: &Event, out: &mut Vec<u8>) -> Result<(), Error>;
    /// The upstream has ended. An `Err` when it ended too early.
    fn end(&mut self, out: &mut Vec<u8>) -> Result<(), Error>;
    /// Tokens counted so far.
    fn usage(&self) -> Usage;
    /// The stream is broken off: what the client is told.
    fn fail(&mut self, error: &Error, api: Api, out: &mut Vec<u8>) {
        out.extend(error.event(api));
    }
}

/// The flow made of some steps.
pub struct Events<S, F = sse::Splitter> {
    api: Api,
    framing: F,
    steps: S,
    /// The last word has been said: what still comes is ignored.
    over: bool,
}

impl<S: Steps> Events<S> {
    /// Nothing read yet, of server-sent events.
    pub fn new(target: &Target, steps: S) -> Self {
        Self::framed(target, steps)
    }
}

impl<S: Steps, F: Framing + Default> Events<S, F> {
    /// Nothing read yet, of events in any framing.
    pub fn framed(target: &Target, steps: S) -> Self {
        Self { api: target.call.api(), framing: F::default(), steps, over: false }
    }
}

impl<S: Steps, F> Events<S, F> {
    fn fail(&mut self, error: Error, mut bytes: Vec<u8>) -> Pushed {
        self.over = true;
        let alone = bytes.is_empty();
        self.steps.fail(&error, self.api, &mut bytes);
        Pushed { bytes, error: Some(error), alone }
    }
}

impl<S: Steps, F: Framing> Flow for Events<S, F> {
    fn push(&mut self, mut bytes: &[u8]) -> Pushed {
        let mut out = Vec::with_capacity(bytes.len() + 128);
        while !self.over {
            let result = match self.framing.next(&mut bytes) {
                Ok(None) => break,
                Ok(Some(event)) => self.steps.push(event, &mut out),
                Err(broken) => Err(unframed(&broken)),
            };
            if let Err(error) = result {
                return self.fail(error, out);
            }
        }
        Pushed { bytes: out, ..Pushed::default() }
    }

    fn end(&mut self) -> Pushed {
        let mut out = Vec::new();
        if self.over {
            return Pushed::default();
        }
        let last = match self.framing.end() {
            Ok(None) => Ok(()),
            Ok(Some(event)) => self.steps.push(event, &mut out),
            Err(broken) => Err(unframed(&broken)),
        };
        if let Err(error) = last.and_then(|()| self.steps.end(&mut out)) {
            return self.fail(error, out);
        }
        self.over = true;
        Pushed { bytes: out, ..Pushed::default() }
    }

    fn usage(&self) -> Usage {
        self.steps.usage()
    }
}

fn unframed(broken: &dyn Display) -> Error {
    Error::new(502, "upstream_error", broken.to_string())
}

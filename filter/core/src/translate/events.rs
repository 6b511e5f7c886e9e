//! A flow that is made event by event: the bytes are cut, and an error ends the stream in the client's dialect.

use super::{Flow, Pushed};
use crate::{
    error::Error,
    operation::Api,
    sse::{Event, Splitter},
    usage::Usage,
    wire::Target,
};

/// The steps of such a flow.
pub trait Steps {
    /// One event in, any number of bytes out. An error reported inside the stream is an `Err`; the stream ends there.
    fn push(&mut self, event: &Event, out: &mut Vec<u8>) -> Result<(), Error>;
    /// The upstream has ended. An `Err` when it ended too early.
    fn end(&mut self, out: &mut Vec<u8>) -> Result<(), Error>;
    /// Tokens counted so far.
    fn usage(&self) -> Usage;
}

/// The flow made of some steps.
pub struct Events<S> {
    api: Api,
    splitter: Splitter,
    steps: S,
    /// The last word has been said: what still comes is ignored.
    over: bool,
}

impl<S: Steps> Events<S> {
    /// Nothing read yet.
    pub fn new(target: &Target, steps: S) -> Self {
        Self { api: target.call.api(), splitter: Splitter::default(), steps, over: false }
    }

    fn fail(&mut self, error: Error, mut bytes: Vec<u8>) -> Pushed {
        self.over = true;
        bytes.extend(error.event(self.api));
        Pushed { bytes, error: Some(error) }
    }
}

impl<S: Steps> Flow for Events<S> {
    fn push(&mut self, mut bytes: &[u8]) -> Pushed {
        let mut out = Vec::with_capacity(bytes.len() + 128);
        while !self.over {
            let result = match self.splitter.next(&mut bytes) {
                Ok(None) => break,
                Ok(Some(event)) => self.steps.push(event, &mut out),
                Err(too_long) => Err(Error::new(502, "upstream_error", too_long.to_string())),
            };
            if let Err(error) = result {
                return self.fail(error, out);
            }
        }
        Pushed { bytes: out, error: None }
    }

    fn end(&mut self) -> Pushed {
        let mut out = Vec::new();
        if self.over {
            return Pushed::default();
        }
        let last = self.splitter.end().map_or(Ok(()), |event| self.steps.push(event, &mut out));
        if let Err(error) = last.and_then(|()| self.steps.end(&mut out)) {
            return self.fail(error, out);
        }
        self.over = true;
        Pushed { bytes: out, error: None }
    }

    fn usage(&self) -> Usage {
        self.steps.usage()
    }
}

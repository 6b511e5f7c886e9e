//! Server-sent events inside of the frames, which cut them anywhere.
//! <https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_runtime_PayloadPart.html>

use super::{Broken, Splitter};
use crate::sse::{self, Event};

/// Cuts bytes, split anywhere, into the events that the frames carry. Keeps one frame and one event at most.
#[derive(Debug, Default)]
pub struct Parts {
    frames: Splitter,
    events: sse::Splitter,
    /// How much of the frame's payload has been taken; all of it where no frame is open.
    open: Option<usize>,
    event: Event,
}

impl Parts {
    /// Takes bytes off the front of `input` up to the end of the next event. `None`: all taken, no event finished.
    /// A frame that says of itself that it is an error is an event.
    pub fn next(&mut self, input: &mut &[u8]) -> Result<Option<&Event>, Broken> {
        loop {
            if let Some(taken) = self.open {
                let payload = self.frames.payload()?.get(taken..).unwrap_or_default();
                let mut rest = payload;
                let found = self.events.next(&mut rest).map_err(|_| Broken::TooLong)?;
                self.open = Some(taken + payload.len() - rest.len());
                if let Some(event) = found {
                    self.event.clone_from(event);
                    return Ok(Some(&self.event));
                }
                self.open = None;
            }
            let Some(frame) = self.frames.next(input)? else { return Ok(None) };
            if frame.failed {
                self.event.clone_from(frame);
                return Ok(Some(&self.event));
            }
            self.open = Some(0);
        }
    }

    /// The stream has ended: the event that lacks only its end. An error if inside a frame.
    pub fn end(&mut self) -> Result<Option<&Event>, Broken> {
        self.frames.end()?;
        Ok(self.events.end())
    }
}

//! Letting streamed answers pass so that they can still be ended when their upstream breaks off.
//!
//! Envoy cuts the client off as soon as an upstream is gone in mid-stream, but first it ends the upstream's filters. In
//! that moment egress can still write through ingress, if ingress is paused with an empty buffer. So ingress lets every
//! chunk go at once by resuming, yet answers that it pauses: Envoy has moved the chunk into the buffer before the
//! callback when ingress was paused already. The first chunk finds it not yet paused and is let go on the next turn of
//! the event loop, by way of a queue. At most one resume per call into the VM: a nested call can cut a second one short.

use foldhash::HashMap;
use std::collections::VecDeque;

/// The streams of one VM, by their ingress contexts.
#[derive(Default)]
pub struct Relay {
    /// Whether the first chunk still waits.
    streams: HashMap<u32, bool>,
    due: VecDeque<u32>,
}

/// How a chunk is let go.
#[derive(Debug, PartialEq, Eq)]
pub enum Pass {
    /// Now.
    Resume,
    /// On the next turn of the event loop.
    Queue,
}

impl Relay {
    /// A chunk has come that is not the last one.
    pub fn chunk(&mut self, ingress: u32) -> Pass {
        if self.streams.insert(ingress, false).is_some() {
            return Pass::Resume;
        }
        self.streams.insert(ingress, true);
        self.due.push_back(ingress);
        Pass::Queue
    }

    /// The next turn: the stream to resume, if it still waits.
    pub fn turn(&mut self) -> Option<u32> {
        let ingress = self.due.pop_front()?;
        let waits = self.streams.get_mut(&ingress).is_some_and(std::mem::take);
        waits.then_some(ingress)
    }

    /// The stream is over: whether its client can still be told something.
    pub fn end(&mut self, ingress: u32) -> bool {
        self.streams.remove(&ingress).is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_chunk_waits_for_the_next_turn_and_the_others_do_not() {
        let mut relay = Relay::default();
        assert_eq!(relay.chunk(1), Pass::Queue);
        assert_eq!(relay.turn(), Some(1));
        assert_eq!(relay.chunk(1), Pass::Resume);
        assert_eq!(relay.turn(), None);
    }

    #[test]
    fn a_second_chunk_takes_the_first_one_along() {
        let mut relay = Relay::default();
        relay.chunk(1);
        assert_eq!(relay.chunk(1), Pass::Resume);
        assert_eq!(relay.turn(), None);
    }

    #[test]
    fn a_client_that_is_gone_is_told_nothing() {
        let mut relay = Relay::default();
        relay.chunk(1);
        assert!(relay.end(1));
        assert!(!relay.end(1));
        assert_eq!(relay.turn(), None);
    }
}

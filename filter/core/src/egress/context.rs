//! The upstream filter: one context per attempt, from the request it sends to the last byte of its answer.

use super::egress;
use crate::{
    exchange::Exchange,
    gateway::Gateway,
    host::{Host, Side, Verdict},
    io::{Effect, Event, Pipeline, RequestHead, ResponseHead},
};
use std::rc::Rc;

/// What becomes of an answer's body.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Answer {
    /// Held until it is whole.
    Held,
    /// Read as it comes, and not begun for the client yet.
    Watched,
    /// Passed as it comes.
    Streamed,
    /// Another one went in its place: what still comes is nobody's.
    Replaced,
}

/// Turns Envoy's callbacks into the pipeline's events, and its effects into calls of the host.
pub struct Context {
    gateway: Rc<Gateway>,
    pipeline: Option<Pipeline>,
    /// The exchange, by its ingress context.
    exchange: Option<(u32, Rc<Exchange>)>,
    /// The body to send in place of the client's, until it is sent.
    body: Option<Vec<u8>>,
    /// What becomes of the answer.
    answer: Answer,
    /// The answer has no body to replace.
    bodyless: bool,
}

impl Context {
    /// An attempt that is about to begin.
    pub fn new(gateway: Rc<Gateway>) -> Self {
        Self { gateway, pipeline: None, exchange: None, body: None, answer: Answer::Held, bodyless: false }
    }

    /// The request's head is here: another one goes out in its place.
    pub fn request_headers(&mut self, host: &impl Host) -> Verdict {
        let Some((ingress, exchange)) = self.find(host) else { return Verdict::Continue };
        let Some(attempt) = exchange.attempt() else { return Verdict::Continue };
        if attempt.number > 1 || attempt.next_cluster != attempt.deployment.cluster {
            host.set_state("tianji.target", attempt.next_cluster.as_bytes());
        }
        self.exchange = Some((ingress, exchange.clone()));
        let gateway = self.gateway.clone();
        self.pipeline = Some(Pipeline::new(|io| egress(io, gateway, exchange, attempt)));
        self.feed(host, Event::RequestHead(RequestHead::default()));
        Verdict::Continue
    }

    /// The request's body is here: another one goes out in its place.
    pub fn request_body(&mut self, host: &impl Host) -> Verdict {
        if self.pipeline.is_some() {
            // Ingress lets the body go whole; were it to come in pieces, the first one carries all and the rest nothing.
            host.set_body(Side::Request, &self.body.take().unwrap_or_default());
        }
        Verdict::Continue
    }

    /// The answer's head has come.
    pub fn response_headers(&mut self, host: &impl Host, end: bool) -> Verdict {
        if self.pipeline.is_none() {
            return Verdict::Continue;
        }
        self.bodyless = end;
        self.feed(host, Event::ResponseHead(ResponseHead::new(host.headers(Side::Response), end)));
        if end {
            self.feed(host, Event::ResponseBody { bytes: Vec::new(), end });
        }
        if end { Verdict::Continue } else { Verdict::Pause }
    }

    /// More of the answer's body has come.
    pub fn response_body(&mut self, host: &impl Host, end: bool) -> Verdict {
        if self.pipeline.is_none() {
            return Verdict::Continue;
        }
        if self.answer == Answer::Held && !end {
            return Verdict::Pause;
        }
        let replaced = self.answer == Answer::Replaced;
        let emitted = self.feed(host, Event::ResponseBody { bytes: host.body(Side::Response), end });
        match self.answer {
            Answer::Streamed | Answer::Watched => host.set_body(Side::Response, &emitted),
            Answer::Replaced if replaced => host.set_body(Side::Response, &[]),
            Answer::Replaced | Answer::Held => {}
        }
        if self.answer == Answer::Watched && !end { Verdict::Pause } else { Verdict::Continue }
    }

    /// The attempt is over, or was given up.
    pub fn done(&mut self, host: &impl Host) {
        self.pipeline = None;
        // An attempt that was given up before its answer began has nothing to break off.
        if let Some((ingress, exchange)) = self.exchange.take().filter(|_| self.answer == Answer::Streamed)
            && let Some(event) = exchange.break_off()
            && self.gateway.relay.borrow_mut().end(ingress)
        {
            host.last_words(ingress, &event);
        }
    }

    /// Carries out what an event leads to; gives the bytes to send to the client.
    fn feed(&mut self, host: &impl Host, event: Event) -> Vec<u8> {
        let mut emitted = Vec::new();
        let Some(pipeline) = &mut self.pipeline else { return emitted };
        for effect in pipeline.on(event) {
            match effect {
                Effect::Request { headers, body } => {
                    host.set_headers(Side::Request, &headers);
                    self.body = Some(body);
                }
                Effect::Respond(reply) => host.respond(&reply),
                Effect::Stream(headers) => {
                    host.set_headers(Side::Response, &headers);
                    self.answer = Answer::Streamed;
                }
                Effect::Watch => self.answer = Answer::Watched,
                Effect::Replace(reply) if self.bodyless => {
                    host.set_headers(Side::Response, &reply.bare_head());
                }
                Effect::Replace(reply) => {
                    host.replace(reply);
                    self.answer = Answer::Replaced;
                }
                Effect::Emit(bytes) if emitted.is_empty() => emitted = bytes,
                Effect::Emit(bytes) => emitted.extend(bytes),
                Effect::Authorize(_) | Effect::Forward(_) => {}
            }
        }
        emitted
    }

    /// The exchange this attempt belongs to.
    fn find(&self, host: &impl Host) -> Option<(u32, Rc<Exchange>)> {
        let ingress = u32::from_le_bytes(host.property(&["tianji.exchange"])?.try_into().ok()?);
        Some((ingress, self.gateway.exchange(ingress)?))
    }
}

#[cfg(test)]
mod tests;

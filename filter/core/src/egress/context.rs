//! The upstream filter: one context per attempt, from the request it sends to the last byte of its answer.

use super::egress;
use crate::{
    exchange::Exchange,
    gateway::{CONTROL_PLANE, Gateway},
    host::{Filter, Host, Side, Verdict},
    io::{Effect, Errand, Event, Pipeline, RequestHead, ResponseHead},
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
    /// What of the request waits for the one that goes out in its place.
    held: Held,
    /// The body to send in place of the client's, until it is sent.
    body: Option<Vec<u8>>,
    /// What becomes of the answer.
    answer: Answer,
    /// The answer has no body to replace.
    bodyless: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Held {
    Nothing,
    Head,
    /// And the head before it.
    Body,
}

impl Context {
    /// An attempt that is about to begin.
    pub fn new(gateway: Rc<Gateway>) -> Self {
        Self {
            gateway,
            pipeline: None,
            exchange: None,
            held: Held::Nothing,
            body: None,
            answer: Answer::Held,
            bodyless: false,
        }
    }
}

impl Filter for Context {
    /// Another one goes out in its place, at once if nothing has to be done for it first.
    fn request_headers(&mut self, host: &impl Host, _end: bool) -> Verdict {
        let Some((ingress, exchange)) = self.find(host) else { return Verdict::Continue };
        let Some(attempt) = exchange.attempt() else { return Verdict::Continue };
        if attempt.number > 1 || attempt.next_cluster != attempt.deployment.cluster {
            host.set_state("tianji.target", attempt.next_cluster.as_bytes());
        }
        self.exchange = Some((ingress, exchange.clone()));
        let gateway = self.gateway.clone();
        self.pipeline = Some(Pipeline::new(|io| egress(io, gateway, exchange, attempt)));
        self.held = Held::Head;
        self.feed(host, Event::RequestHead(RequestHead::default()));
        if self.held == Held::Nothing { Verdict::Continue } else { Verdict::Pause }
    }

    fn request_body(&mut self, host: &impl Host, _end: bool) -> Verdict {
        if self.held != Held::Nothing {
            self.held = Held::Body;
            return Verdict::Pause;
        }
        if self.pipeline.is_some() {
            // Ingress lets the body go whole; were it to come in pieces, the first one carries all and the rest nothing.
            host.set_body(Side::Request, &self.body.take().unwrap_or_default());
        }
        Verdict::Continue
    }

    fn told(&mut self, host: &impl Host, answer: Option<Vec<u8>>) {
        let held = self.held;
        self.feed(host, Event::Ran(answer));
        if self.held == Held::Nothing {
            if held == Held::Body {
                host.set_body(Side::Request, &self.body.take().unwrap_or_default());
            }
            host.resume(Side::Request);
        }
    }

    fn response_headers(&mut self, host: &impl Host, end: bool) -> Verdict {
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

    fn response_body(&mut self, host: &impl Host, end: bool) -> Verdict {
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

    fn done(&mut self, host: &impl Host) {
        self.pipeline = None;
        // An attempt that was given up before its answer began has nothing to break off.
        if let Some((ingress, exchange)) = self.exchange.take().filter(|_| self.answer == Answer::Streamed)
            && let Some(event) = exchange.break_off()
            && self.gateway.relay.borrow_mut().end(ingress)
        {
            host.last_words(ingress, &event);
        }
    }
}

impl Context {
    /// Carries out what an event leads to; gives the bytes to send to the client.
    fn feed(&mut self, host: &impl Host, event: Event) -> Vec<u8> {
        let (mut emitted, mut next) = (Vec::new(), Some(event));
        while let Some(event) = next.take() {
            let Some(pipeline) = &mut self.pipeline else { return emitted };
            for effect in pipeline.on(event) {
                match effect {
                    Effect::Run(errand) => next = run(host, &errand),
                    Effect::Emit(bytes) if emitted.is_empty() => emitted = bytes,
                    Effect::Emit(bytes) => emitted.extend(bytes),
                    effect => self.perform(host, effect),
                }
            }
        }
        emitted
    }

    fn perform(&mut self, host: &impl Host, effect: Effect) {
        match effect {
            Effect::Request { headers, body } => {
                host.set_headers(Side::Request, &headers);
                self.body = Some(body);
                self.held = Held::Nothing;
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
            Effect::Authorize(_) | Effect::Run(_) | Effect::Forward(_) | Effect::Emit(_) => {}
        }
    }

    /// The exchange this attempt belongs to.
    fn find(&self, host: &impl Host) -> Option<(u32, Rc<Exchange>)> {
        let ingress = u32::from_le_bytes(host.property(&["tianji.exchange"])?.try_into().ok()?);
        Some((ingress, self.gateway.exchange(ingress)?))
    }
}

/// Has the control plane run an errand; gives the event that follows at once where it cannot even be asked.
fn run(host: &impl Host, errand: &Errand) -> Option<Event> {
    let sent = host.call(errand.method, CONTROL_PLANE, &errand.message, errand.timeout);
    (!sent).then_some(Event::Ran(None))
}

#[cfg(test)]
mod tests;

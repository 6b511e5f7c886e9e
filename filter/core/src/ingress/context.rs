//! The downstream filter: one context per request, from its head to the log.

use super::ingress;
use crate::{
    exchange::Exchange,
    gateway::Gateway,
    host::{Filter, Host, Side, Verdict},
    io::{Effect, Event, Forward, Pipeline, Question, RequestHead, ResponseHead},
    operation::Operation,
    relay::Pass,
};
use std::rc::Rc;

/// Turns Envoy's callbacks into the pipeline's events, and its effects into calls of the host.
pub struct Context {
    id: u32,
    gateway: Rc<Gateway>,
    /// `None` for a path that is not a client API's: it passes untouched.
    running: Option<(Pipeline, Rc<Exchange>)>,
    /// The request is not yet on its way.
    held: bool,
}

impl Context {
    /// The context with this id.
    pub fn new(id: u32, gateway: Rc<Gateway>) -> Self {
        Self { id, gateway, running: None, held: true }
    }
}

impl Filter for Context {
    fn request_headers(&mut self, host: &impl Host, end: bool) -> Verdict {
        let head = RequestHead(host.headers(Side::Request));
        let Some(operation) = Operation::of(head.path()) else { return Verdict::Continue };
        let exchange = self.gateway.begin(self.id);
        let pipeline = Pipeline::new(|io| ingress(io, self.gateway.clone(), exchange.clone(), operation));
        self.running = Some((pipeline, exchange));
        self.feed(host, Event::RequestHead(head));
        if end {
            self.feed(host, Event::RequestBody(Vec::new()));
        }
        self.request_verdict()
    }

    fn request_body(&mut self, host: &impl Host, end: bool) -> Verdict {
        if end && self.held && self.running.is_some() {
            self.feed(host, Event::RequestBody(host.body(Side::Request)));
        }
        self.request_verdict()
    }

    fn told(&mut self, host: &impl Host, answer: Option<Vec<u8>>) {
        self.feed(host, Event::authorized(answer));
        if !self.held {
            host.resume(Side::Request);
        }
    }

    fn response_headers(&mut self, host: &impl Host, end: bool) -> Verdict {
        if self.streams() && !end {
            // Until its first byte has come a stream can still be answered with an error.
            return Verdict::Pause;
        }
        if self.passes() {
            return Verdict::Continue;
        }
        self.feed(host, Event::ResponseHead(ResponseHead::new(host.headers(Side::Response), end)));
        if end {
            self.feed(host, Event::ResponseBody { bytes: Vec::new(), end });
        }
        Verdict::Pause
    }

    fn response_body(&mut self, host: &impl Host, end: bool) -> Verdict {
        if self.streams() && !end && self.pass(host) {
            return Verdict::Pause;
        }
        if self.passes() {
            return Verdict::Continue;
        }
        if end {
            self.feed(host, Event::ResponseBody { bytes: host.body(Side::Response), end });
            return Verdict::Continue;
        }
        Verdict::Pause
    }

    fn log(&mut self, host: &impl Host) {
        if self.running.take().is_none() {
            return;
        }
        let details = || host.property(&["response", "code_details"]).unwrap_or_default();
        if let Some(line) = self.gateway.close(self.id, details) {
            host.set_state("tianji.record", &line);
        }
    }
}

impl Context {
    fn feed(&mut self, host: &impl Host, event: Event) {
        let mut next = Some(event);
        while let Some(event) = next.take() {
            let Some((pipeline, _)) = &mut self.running else { return };
            for effect in pipeline.on(event) {
                match effect {
                    Effect::Authorize(question) => next = self.ask(host, question),
                    Effect::Forward(forward) => self.forward(host, &forward),
                    Effect::Respond(reply) => host.respond(&reply),
                    Effect::Replace(reply) => host.replace(reply),
                    Effect::Run(_)
                    | Effect::Request { .. }
                    | Effect::Watch
                    | Effect::Stream(_)
                    | Effect::Emit(_) => {}
                }
            }
        }
    }

    /// Asks the control plane; gives the event that follows at once where it cannot even be asked.
    fn ask(&self, host: &impl Host, question: Question) -> Option<Event> {
        let (upstream, message, timeout) = self.gateway.question(question);
        (!host.call("Authorize", &upstream, &message, timeout)).then_some(Event::Authorized(None))
    }

    fn forward(&mut self, host: &impl Host, forward: &Forward) {
        host.set_state("tianji.target", forward.cluster.as_bytes());
        host.set_state("tianji.exchange", &self.id.to_le_bytes());
        // The route's own is 1.
        if forward.retries != 1 {
            host.set_request_header("x-envoy-max-retries", &forward.retries.to_string());
        }
        if let Some(timeout) = forward.timeout_ms {
            host.set_request_header("x-envoy-upstream-rq-timeout-ms", &timeout.to_string());
        }
        host.clear_route_cache();
        self.held = false;
    }

    /// Lets a chunk of a streamed answer go; see `relay`. `false`: it must pass as it is.
    fn pass(&self, host: &impl Host) -> bool {
        let way = self.gateway.relay.borrow_mut().chunk(self.id);
        match way {
            Pass::Resume => host.resume(Side::Response),
            Pass::Queue => host.queue(),
        }
    }

    fn request_verdict(&self) -> Verdict {
        if self.held && self.running.is_some() { Verdict::Pause } else { Verdict::Continue }
    }

    /// The answer is a provider's or one of our own, not Envoy's.
    fn passes(&self) -> bool {
        self.running.as_ref().is_none_or(|(_, exchange)| exchange.is_answered())
    }

    fn streams(&self) -> bool {
        self.running.as_ref().is_some_and(|(_, exchange)| exchange.is_streaming())
    }
}

#[cfg(test)]
mod tests;

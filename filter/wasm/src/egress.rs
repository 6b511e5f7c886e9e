//! The upstream filter: one context per attempt.

use crate::{gateway, host};
use proxy_wasm::{
    traits::{Context, HttpContext},
    types::{Action, BufferType, MapType},
};
use std::rc::Rc;
use tianji_core::{
    egress::egress,
    exchange::Exchange,
    io::{Effect, Event, Pipeline, RequestHead, ResponseHead},
};

/// One attempt, from the request it sends to the last byte of its answer.
#[derive(Default)]
pub struct Egress {
    pipeline: Option<Pipeline>,
    /// The exchange, by its ingress context.
    exchange: Option<(u32, Rc<Exchange>)>,
    /// The body to send in place of the client's, until it is sent.
    body: Option<Vec<u8>>,
    /// The answer passes as it comes.
    streaming: bool,
    /// The answer has no body to replace.
    bodyless: bool,
}

impl Egress {
    fn feed(&mut self, event: Event) -> Vec<u8> {
        let mut emitted = Vec::new();
        let Some(pipeline) = &mut self.pipeline else { return emitted };
        for effect in pipeline.on(event) {
            match effect {
                Effect::Request { headers, body } => {
                    host::set_headers(MapType::HttpRequestHeaders, &headers);
                    self.body = Some(body);
                }
                Effect::Respond(reply) => host::respond(&reply),
                Effect::Stream(head) => {
                    host::set_headers(MapType::HttpResponseHeaders, &head.into_headers());
                    self.streaming = true;
                }
                Effect::Replace(reply) if self.bodyless => {
                    host::set_headers(MapType::HttpResponseHeaders, &reply.into_bare_head());
                }
                Effect::Replace(reply) => host::replace(reply),
                Effect::Emit(bytes) if emitted.is_empty() => emitted = bytes,
                Effect::Emit(bytes) => emitted.extend(bytes),
                Effect::Authorize(_) | Effect::Forward(_) => {}
            }
        }
        emitted
    }
}

fn exchange() -> Option<(u32, Rc<Exchange>)> {
    let ingress = u32::from_le_bytes(host::property(&["tianji.exchange"])?.try_into().ok()?);
    Some((ingress, gateway().exchange(ingress)?))
}

impl Context for Egress {
    fn on_done(&mut self) -> bool {
        self.pipeline = None;
        // An attempt that was given up before its answer began has nothing to break off.
        if let Some((ingress, exchange)) = self.exchange.take().filter(|_| self.streaming)
            && let Some(event) = exchange.break_off()
            && gateway().relay.borrow_mut().end(ingress)
        {
            host::last_words(ingress, &event);
        }
        true
    }
}

impl HttpContext for Egress {
    fn on_http_request_headers(&mut self, _: usize, _: bool) -> Action {
        let Some((ingress, exchange)) = exchange() else { return Action::Continue };
        let Some(attempt) = exchange.attempt() else { return Action::Continue };
        if attempt.number > 1 || attempt.next_cluster != attempt.deployment.cluster {
            host::set_state("tianji.target", attempt.next_cluster.as_bytes());
        }
        self.exchange = Some((ingress, exchange.clone()));
        self.pipeline = Some(Pipeline::new(|io| egress(io, gateway(), exchange, attempt)));
        self.feed(Event::RequestHead(RequestHead::default()));
        Action::Continue
    }

    fn on_http_request_body(&mut self, _: usize, _: bool) -> Action {
        if self.pipeline.is_some() {
            // Ingress lets the body go whole; were it to come in pieces, the first one carries all and the rest nothing.
            host::set_buffer(BufferType::HttpRequestBody, &self.body.take().unwrap_or_default());
        }
        Action::Continue
    }

    fn on_http_response_headers(&mut self, _: usize, end: bool) -> Action {
        if self.pipeline.is_none() {
            return Action::Continue;
        }
        self.bodyless = end;
        let headers = host::headers(MapType::HttpResponseHeaders);
        self.feed(Event::ResponseHead(ResponseHead::from_headers(headers, end)));
        if end {
            self.feed(Event::ResponseBody { bytes: Vec::new(), end });
        }
        if self.streaming || end { Action::Continue } else { Action::Pause }
    }

    fn on_http_response_body(&mut self, _: usize, end: bool) -> Action {
        if self.pipeline.is_none() {
            return Action::Continue;
        }
        if !self.streaming && !end {
            return Action::Pause;
        }
        let emitted =
            self.feed(Event::ResponseBody { bytes: host::buffer(BufferType::HttpResponseBody), end });
        if self.streaming {
            host::set_buffer(BufferType::HttpResponseBody, &emitted);
        }
        Action::Continue
    }
}

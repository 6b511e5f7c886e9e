//! The downstream filter: one context per request.

use crate::{host, relay, vm};
use prost::Message;
use proxy_wasm::{
    hostcalls,
    traits::{Context, HttpContext},
    types::{Action, BufferType, MapType},
};
use std::rc::Rc;
use tianji_core::{
    exchange::{End, Exchange},
    ingress::ingress,
    io::{Effect, Event, Forward, Pipeline, RequestHead, ResponseHead},
    operation::{Api, Operation},
};
use tianji_proto::AuthorizeResponse;

/// One request, from its head to the log.
pub struct Ingress {
    id: u32,
    /// `None` for a path that is not a client API's: it passes untouched.
    running: Option<(Pipeline, Rc<Exchange>)>,
    /// The request is not yet on its way.
    held: bool,
}

impl Ingress {
    /// The context with this id.
    pub fn new(id: u32) -> Self {
        Self { id, running: None, held: true }
    }

    fn feed(&mut self, event: Event) {
        let Some((pipeline, _)) = &mut self.running else { return };
        let mut effects = pipeline.on(event);
        while let Some(retry) = self.perform(effects) {
            let Some((pipeline, _)) = &mut self.running else { return };
            effects = pipeline.on(retry);
        }
    }

    /// Carries out effects; gives the event that follows at once from one that failed.
    fn perform(&mut self, effects: Vec<Effect>) -> Option<Event> {
        let mut next = None;
        for effect in effects {
            match effect {
                Effect::Authorize(question) => {
                    if host::authorize(&vm::gateway(), question).is_none() {
                        next = Some(Event::Authorized(None));
                    }
                }
                Effect::Forward(forward) => self.forward(&forward),
                Effect::Respond(reply) => host::respond(&reply),
                Effect::Replace(reply) => host::replace(&reply),
                Effect::Request { .. } | Effect::Stream(_) | Effect::Emit(_) => {}
            }
        }
        next
    }

    fn forward(&mut self, forward: &Forward) {
        host::set_state("tianji.target", forward.cluster.as_bytes());
        host::set_state("tianji.exchange", &self.id.to_le_bytes());
        // The route's own is 1.
        if forward.retries != 1 {
            host::set_request_header("x-envoy-max-retries", &forward.retries.to_string());
        }
        if let Some(timeout) = forward.timeout_ms {
            host::set_request_header("x-envoy-upstream-rq-timeout-ms", &timeout.to_string());
        }
        host::clear_route_cache();
        self.held = false;
    }

    fn request_action(&self) -> Action {
        if self.held && self.running.is_some() { Action::Pause } else { Action::Continue }
    }

    /// The answer is a provider's or one of our own, not Envoy's.
    fn passes(&self) -> bool {
        self.running.as_ref().is_none_or(|(_, exchange)| exchange.is_answered())
    }

    fn streams(&self) -> bool {
        self.running.as_ref().is_some_and(|(_, exchange)| exchange.is_streaming())
    }
}

fn end(exchange: &Exchange) -> End {
    if exchange.is_answered() && !exchange.is_streaming() {
        return End::Complete;
    }
    let details = host::property(&["response", "code_details"]).unwrap_or_default();
    if details.starts_with(b"downstream") { End::Disconnected } else { End::Cut }
}

impl Context for Ingress {
    fn on_grpc_call_response(&mut self, _token: u32, status: u32, size: usize) {
        let body = if status == 0 { self.get_grpc_call_response_body(0, size) } else { None };
        let answer = body.and_then(|body| AuthorizeResponse::decode(body.as_slice()).ok());
        self.feed(Event::Authorized(answer));
        if !self.held {
            let _ = hostcalls::resume_http_request();
        }
    }
}

impl HttpContext for Ingress {
    fn on_http_request_headers(&mut self, _: usize, end: bool) -> Action {
        let path = host::header(MapType::HttpRequestHeaders, ":path").unwrap_or_default();
        let path = path.split('?').next().unwrap_or_default();
        let Some(operation) = Operation::of(path) else { return Action::Continue };
        let header = |name| host::header(MapType::HttpRequestHeaders, name);
        let head = RequestHead {
            method: header(":method").unwrap_or_default(),
            path: path.into(),
            credential: header("authorization").or_else(|| header("api-key")).or_else(|| header("x-api-key")),
            betas: (operation.api() == Api::Anthropic).then(|| header("anthropic-beta")).flatten(),
        };
        let gateway = vm::gateway();
        let exchange = Rc::new(gateway.exchange());
        vm::enter(self.id, exchange.clone());
        let pipeline = Pipeline::new(|io| ingress(io, gateway, exchange.clone(), operation));
        self.running = Some((pipeline, exchange));
        self.feed(Event::RequestHead(head));
        if end {
            self.feed(Event::RequestBody(Vec::new()));
        }
        self.request_action()
    }

    fn on_http_request_body(&mut self, _: usize, end: bool) -> Action {
        if end && self.held && self.running.is_some() {
            self.feed(Event::RequestBody(host::buffer(BufferType::HttpRequestBody)));
        }
        self.request_action()
    }

    fn on_http_response_headers(&mut self, _: usize, end: bool) -> Action {
        if self.streams() && !end {
            // Until its first byte has come a stream can still be answered with an error.
            return Action::Pause;
        }
        if self.passes() {
            return Action::Continue;
        }
        let status =
            host::header(MapType::HttpResponseHeaders, ":status").and_then(|status| status.parse().ok());
        self.feed(Event::ResponseHead(ResponseHead { status: status.unwrap_or(500), headers: Vec::new() }));
        if end {
            self.feed(Event::ResponseBody { bytes: Vec::new(), end });
        }
        Action::Pause
    }

    fn on_http_response_body(&mut self, _: usize, end: bool) -> Action {
        if self.streams() && !end && relay::pass(self.id) {
            return Action::Pause;
        }
        if self.passes() {
            return Action::Continue;
        }
        if end {
            self.feed(Event::ResponseBody { bytes: host::buffer(BufferType::HttpResponseBody), end });
            return Action::Continue;
        }
        Action::Pause
    }

    fn on_log(&mut self) {
        let Some((_, exchange)) = self.running.take() else { return };
        relay::forget(self.id);
        vm::leave(self.id);
        let record = vm::gateway().finish(&exchange, end(&exchange));
        if let Some(json) = record.and_then(|record| serde_json::to_vec(&record).ok()) {
            host::set_state("tianji.record", &json);
        }
    }
}

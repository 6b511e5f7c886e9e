//! The downstream filter: one context per request.

use crate::{gateway, host};
use proxy_wasm::{
    hostcalls,
    traits::{Context, HttpContext},
    types::{Action, BufferType, MapType},
};
use std::rc::Rc;
use tianji_core::{
    exchange::Exchange,
    ingress::ingress,
    io::{Effect, Event, Forward, Pipeline, Question, RequestHead, ResponseHead},
    operation::{Api, Operation},
    relay::Pass,
};

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
                Effect::Authorize(question) => next = ask(question),
                Effect::Forward(forward) => self.forward(&forward),
                Effect::Respond(reply) => host::respond(&reply),
                Effect::Replace(reply) => host::replace(reply),
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

/// Asks the control plane; the answer comes to this context, or at once if it cannot even be asked.
fn ask(question: Question) -> Option<Event> {
    let (upstream, message, timeout) = gateway().question(question, host::CONTROL_PLANE);
    let sent =
        hostcalls::dispatch_grpc_call(&upstream, host::SERVICE, "Authorize", vec![], Some(&message), timeout);
    sent.is_err().then_some(Event::Authorized(None))
}

/// Lets a chunk of a streamed answer go; see `tianji_core::relay`. `false`: it must pass as it is.
fn pass(ingress: u32) -> bool {
    let way = gateway().relay.borrow_mut().chunk(ingress);
    match way {
        Pass::Resume => hostcalls::resume_http_response().is_ok(),
        Pass::Queue => crate::root::queue(),
    }
}

impl Context for Ingress {
    fn on_grpc_call_response(&mut self, _token: u32, status: u32, size: usize) {
        let answer = if status == 0 { self.get_grpc_call_response_body(0, size) } else { None };
        self.feed(Event::authorized(answer));
        if !self.held {
            host::note("resume", hostcalls::resume_http_request());
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
        let exchange = gateway().begin(self.id);
        let pipeline = Pipeline::new(|io| ingress(io, gateway(), exchange.clone(), operation));
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
        let headers = host::headers(MapType::HttpResponseHeaders);
        self.feed(Event::ResponseHead(ResponseHead::from_headers(headers, end)));
        if end {
            self.feed(Event::ResponseBody { bytes: Vec::new(), end });
        }
        Action::Pause
    }

    fn on_http_response_body(&mut self, _: usize, end: bool) -> Action {
        if self.streams() && !end && pass(self.id) {
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
        if self.running.take().is_none() {
            return;
        }
        let details = || host::property(&["response", "code_details"]).unwrap_or_default();
        if let Some(line) = gateway().close(self.id, details) {
            host::set_state("tianji.record", &line);
        }
    }
}

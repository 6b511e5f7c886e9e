//! The port between a pipeline (straight-line `async`) and its host (callbacks). `Event` is the only way in, `Effect`
//! the only way out. Futures hold no borrow of the port across an `.await`.

use crate::{
    error::Error,
    headers::Headers,
    operation::{Api, Operation},
    path,
};
use prost::Message;
use std::{
    borrow::Cow,
    cell::RefCell,
    collections::VecDeque,
    future::{Future, poll_fn},
    pin::Pin,
    rc::Rc,
    task::{Context, Poll, Waker},
    time::Duration,
};
use tianji_proto::{Amount, AuthorizeResponse};

/// The head of a request.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RequestHead(pub Headers);

/// The head of an answer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ResponseHead {
    /// HTTP status.
    pub status: u16,
    /// All of them, pseudo-headers included.
    pub headers: Headers,
    /// Nothing follows it.
    pub bodyless: bool,
}

/// A whole answer made here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// HTTP status.
    pub status: u16,
    /// Content type included.
    pub headers: Headers,
    /// JSON.
    pub body: Vec<u8>,
}

/// What the host tells a pipeline.
#[derive(Debug)]
pub enum Event {
    /// The request's head has come.
    RequestHead(RequestHead),
    /// The request's body has come, whole.
    RequestBody(Vec<u8>),
    /// The control plane has answered an `Authorize`, or could not be reached.
    Authorized(Option<Box<AuthorizeResponse>>),
    /// The control plane has run an errand, or has not.
    Ran(Option<Vec<u8>>),
    /// The answer's head has come.
    ResponseHead(ResponseHead),
    /// More of the answer; all of it unless the pipeline watches it.
    ResponseBody {
        /// What came.
        bytes: Vec<u8>,
        /// Nothing more will.
        end: bool,
    },
}

/// What a pipeline asks of its host. Resuming the exchange is implied by the effect and always comes last.
#[derive(Debug, PartialEq)]
pub enum Effect {
    /// Ask the control plane.
    Authorize(Question),
    /// Have it do something for this request.
    Run(Errand),
    /// Ingress: let the request go to a cluster.
    Forward(Forward),
    /// Egress: replace the request, which then goes out.
    Request {
        /// Every header the upstream gets, pseudo-headers included.
        headers: Headers,
        /// The body.
        body: Vec<u8>,
    },
    /// Answer instead of an upstream.
    Respond(Reply),
    /// Replace the answer that is being held.
    Replace(Reply),
    /// Hand over the answer as it comes, though its head is held.
    Watch,
    /// Let a streamed answer's head go, with these headers, `:status` included.
    Stream(Headers),
    /// Send these bytes to the client in place of the ones that came.
    Emit(Vec<u8>),
}

/// A call of `Gate.Authorize`.
#[derive(Debug, Clone, PartialEq)]
pub struct Question {
    /// SHA-256 of the credential.
    pub key_hash: Vec<u8>,
    /// What is missing.
    pub need: Amount,
    /// The caller is known: rather wait a little for an absent control plane than fail.
    pub patient: bool,
}

/// A call of another method of the `Gate`: something that only the control plane can do.
#[derive(Debug, Clone, PartialEq)]
pub struct Errand {
    /// The method's name.
    pub method: &'static str,
    /// Its message, encoded.
    pub message: Vec<u8>,
    /// How long it may take; the request waits.
    pub timeout: Duration,
}

impl Event {
    /// The answer to an `Authorize` as it came, if it came.
    pub fn authorized(message: Option<Vec<u8>>) -> Self {
        Self::Authorized(
            message.and_then(|message| AuthorizeResponse::decode(message.as_slice()).ok().map(Box::new)),
        )
    }
}

/// Where a request goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Forward {
    /// The first candidate's cluster.
    pub cluster: String,
    /// How often Envoy may try again.
    pub retries: usize,
    /// Milliseconds for the whole answer; the route's own when absent.
    pub timeout_ms: Option<u64>,
}

/// The control plane's, if it has one.
struct Answer(Option<Box<AuthorizeResponse>>);

/// An errand that was run, or was not.
struct Run(Option<Vec<u8>>);

#[derive(Default)]
struct Port {
    request_head: Option<RequestHead>,
    request_body: Option<Vec<u8>>,
    authorized: Option<Answer>,
    ran: Option<Run>,
    response_head: Option<ResponseHead>,
    response: VecDeque<Vec<u8>>,
    response_ended: bool,
    effects: Vec<Effect>,
}

/// A pipeline's end of the port.
#[derive(Clone, Default)]
pub struct Io(Rc<RefCell<Port>>);

impl Io {
    /// The request's head.
    pub async fn request_head(&self) -> RequestHead {
        self.wait(|port| port.request_head.take()).await
    }

    /// The request's body; `None` when Envoy has answered before it was whole.
    pub async fn request_body(&self) -> Option<Vec<u8>> {
        self.wait(|port| match port.request_body.take() {
            Some(body) => Some(Some(body)),
            None => port.response_head.is_some().then_some(None),
        })
        .await
    }

    /// The answer's head.
    pub async fn response_head(&self) -> ResponseHead {
        self.wait(|port| port.response_head.take()).await
    }

    /// The answer's next bytes; `None` once it has ended.
    pub async fn response_chunk(&self) -> Option<Vec<u8>> {
        self.wait(|port| match port.response.pop_front() {
            Some(bytes) => Some(Some(bytes)),
            None => port.response_ended.then_some(None),
        })
        .await
    }

    /// The whole answer.
    pub async fn response_body(&self) -> Vec<u8> {
        let mut body = Vec::new();
        while let Some(chunk) = self.response_chunk().await {
            if body.is_empty() {
                body = chunk;
            } else {
                body.extend(chunk);
            }
        }
        body
    }

    /// Asks the control plane; `None` when it cannot be reached.
    pub async fn authorize(&self, question: Question) -> Option<Box<AuthorizeResponse>> {
        self.perform(Effect::Authorize(question));
        self.wait(|port| port.authorized.take()).await.0
    }

    /// Has the control plane do something; `None` when it cannot be reached, or cannot do it.
    pub async fn run<T: Message + Default>(&self, errand: Errand) -> Option<T> {
        self.perform(Effect::Run(errand));
        let answer = self.wait(|port| port.ran.take()).await.0?;
        T::decode(answer.as_slice()).ok()
    }

    /// Asks the host for something that has no answer.
    pub fn perform(&self, effect: Effect) {
        self.0.borrow_mut().effects.push(effect);
    }

    fn wait<T>(&self, mut ready: impl FnMut(&mut Port) -> Option<T>) -> impl Future<Output = T> {
        poll_fn(move |_| ready(&mut self.0.borrow_mut()).map_or(Poll::Pending, Poll::Ready))
    }

    fn accept(&self, event: Event) {
        let mut port = self.0.borrow_mut();
        match event {
            Event::RequestHead(head) => port.request_head = Some(head),
            Event::RequestBody(body) => port.request_body = Some(body),
            Event::Authorized(answer) => port.authorized = Some(Answer(answer)),
            Event::Ran(answer) => port.ran = Some(Run(answer)),
            Event::ResponseHead(head) => port.response_head = Some(head),
            Event::ResponseBody { bytes, end } => {
                if !bytes.is_empty() {
                    port.response.push_back(bytes);
                }
                port.response_ended = end;
            }
        }
    }
}

/// A running pipeline. Every callback becomes one `on`; every `on` polls the pipeline once.
pub struct Pipeline {
    io: Io,
    future: Option<Pin<Box<dyn Future<Output = ()>>>>,
}

impl Pipeline {
    /// Starts a pipeline; it runs to its first wait at the first event.
    pub fn new<F: Future<Output = ()> + 'static>(pipeline: impl FnOnce(Io) -> F) -> Self {
        let io = Io::default();
        Self { future: Some(Box::pin(pipeline(io.clone()))), io }
    }

    /// One event in, the effects out, in order.
    pub fn on(&mut self, event: Event) -> Vec<Effect> {
        self.io.accept(event);
        if let Some(future) = &mut self.future
            && future.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_ready()
        {
            self.future = None;
        }
        std::mem::take(&mut self.io.0.borrow_mut().effects)
    }
}

impl RequestHead {
    /// `GET`, `POST`, …
    pub fn method(&self) -> &str {
        self.0.get(":method").unwrap_or_default()
    }

    /// Normalised by Envoy, without the query.
    pub fn path(&self) -> &str {
        let path = self.0.get(":path").unwrap_or_default();
        path.split_once('?').map_or(path, |(path, _)| path)
    }

    /// With the query.
    pub fn address(&self) -> &str {
        self.0.get(":path").unwrap_or_default()
    }

    /// As the client sent it. Google's clients may have it in the query.
    pub fn credential(&self, operation: Operation) -> Option<Cow<'_, str>> {
        const NAMES: [&str; 4] = ["authorization", "api-key", "x-api-key", "x-goog-api-key"];
        let header = NAMES.into_iter().find_map(|name| self.0.get(name)).map(Cow::Borrowed);
        let queried = || path::decoded(path::query(self.address(), "key")?).map(Cow::Owned);
        header.or_else(|| if operation.api() == Api::Gemini { queried() } else { None })
    }

    /// Of the body; empty where it is not said.
    pub fn content_type(&self) -> &str {
        self.0.get("content-type").unwrap_or_default()
    }

    /// The client's `anthropic-beta`: features it asks its provider for.
    pub fn betas(&self) -> &str {
        self.0.get("anthropic-beta").unwrap_or_default()
    }
}

impl ResponseHead {
    /// From all of it.
    pub fn new(headers: Headers, bodyless: bool) -> Self {
        let status = headers.get(":status").and_then(|status| status.parse().ok());
        Self { status: status.unwrap_or(502), headers, bodyless }
    }
}

impl Reply {
    /// JSON.
    pub fn json(status: u16, body: Vec<u8>) -> Self {
        Self { status, headers: [("content-type", "application/json")].into_iter().collect(), body }
    }

    /// Its head when it takes another's place, and its body.
    pub fn into_parts(self) -> (Headers, Vec<u8>) {
        let mut headers = self.headers;
        headers.push(":status", self.status);
        headers.push("content-length", self.body.len());
        (headers, self.body)
    }

    /// Its head without a body and without our names: ingress makes an answer of it as if it were Envoy's own.
    pub fn bare_head(&self) -> Headers {
        let mut headers: Headers =
            self.headers.iter().filter(|(name, _)| name.starts_with("x-envoy-")).collect();
        headers.push(":status", self.status);
        headers
    }

    /// An error in the client's dialect.
    pub fn error(error: &Error, api: Api) -> Self {
        let mut reply = Self::json(error.status, error.body(api));
        if let Some(after) = &error.retry_after {
            reply.headers.push("retry-after", after);
        }
        reply
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pipeline_waits_for_what_it_asks_for_and_answers_in_order() {
        let mut pipeline = Pipeline::new(|io| async move {
            let head = io.request_head().await;
            let body = io.request_body().await.unwrap_or_default();
            io.perform(Effect::Emit([head.path().as_bytes(), &body].concat()));
        });
        assert_eq!(pipeline.on(Event::RequestBody(b"body".to_vec())), []);
        let head = RequestHead([(":path", "/p ?query")].into_iter().collect());
        assert_eq!(pipeline.on(Event::RequestHead(head)), [Effect::Emit(b"/p body".to_vec())]);
        assert_eq!(pipeline.on(Event::ResponseBody { bytes: vec![1], end: true }), [], "it is over");
    }

    #[test]
    fn chunks_are_handed_out_one_by_one_until_the_end() {
        let mut pipeline = Pipeline::new(|io| async move {
            while let Some(chunk) = io.response_chunk().await {
                io.perform(Effect::Emit(chunk));
            }
            io.perform(Effect::Emit(b"end".to_vec()));
        });
        let chunk = |bytes: &[u8], end| Event::ResponseBody { bytes: bytes.to_vec(), end };
        assert_eq!(pipeline.on(chunk(b"a", false)), [Effect::Emit(b"a".to_vec())]);
        assert_eq!(
            pipeline.on(chunk(b"b", true)),
            [Effect::Emit(b"b".to_vec()), Effect::Emit(b"end".to_vec())]
        );
    }
}

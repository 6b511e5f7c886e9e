//! The scripted provider: speaks `OpenAI` and Anthropic on one port, in one thread, and does what the model's name says.
//!
//! `GET /_stats` counts, `GET /_requests[?model=…]` shows the last requests, `POST /_reset` forgets them.

use bytes::Bytes;
use clap::Parser;
use http_body_util::BodyExt;
use hyper::{
    Method, Request, Response,
    body::{Body, Frame, Incoming, SizeHint},
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use std::{
    future::Future,
    io,
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};
use tianji_tests::{
    asked::{Asked, Dialect},
    behaviour::Fault,
    connection::{Abort, Connection},
    counts::{Counts, InFlight, Seen},
    reply::{End, Endpoint, Replies, Reply},
};
use tokio::{
    net::TcpListener,
    task::LocalSet,
    time::{Instant, Sleep},
};

/// A provider whose models do what their names say.
#[derive(Parser)]
struct Options {
    /// Where to listen; port 0 takes a free one. The address is printed.
    #[arg(long, default_value = "127.0.0.1:0")]
    listen: String,
    /// Requests remembered; 0 to measure without that work.
    #[arg(long, default_value_t = 500)]
    keep: usize,
}

fn main() -> io::Result<()> {
    let options = Options::parse();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    LocalSet::new().block_on(&runtime, serve(options))
}

async fn serve(options: Options) -> io::Result<()> {
    let listener = TcpListener::bind(&options.listen).await?;
    println!("{}", listener.local_addr()?);
    let provider = Provider { counts: Counts::keeping(options.keep), replies: Replies::default() };
    loop {
        let Ok((stream, _)) = listener.accept().await else { continue };
        let (abort, provider) = (Abort::default(), provider.clone());
        let Ok(connection) = Connection::new(stream, abort.clone()) else { continue };
        tokio::task::spawn_local(async move {
            let service = service_fn(move |request| handle(request, provider.clone(), abort.clone()));
            // An error is a client that hung up, or the reset that the script wants.
            let _ = http1::Builder::new().serve_connection(TokioIo::new(connection), service).await;
        });
    }
}

/// What all connections share.
#[derive(Clone)]
struct Provider {
    counts: Counts,
    replies: Replies,
}

async fn handle(
    request: Request<Incoming>,
    provider: Provider,
    abort: Abort,
) -> io::Result<Response<Answer>> {
    let counts = &provider.counts;
    let path = request.uri().path();
    match (request.method(), path) {
        (&Method::GET, "/_stats") => return Ok(told(&counts.stats())),
        (&Method::GET, "/_requests") => {
            let model = request.uri().query().and_then(|query| query.strip_prefix("model="));
            return Ok(told(&counts.requests(model)));
        }
        (&Method::POST, "/_reset") => {
            counts.reset();
            return Ok(told(&json!({})));
        }
        // Some gateways look what is there before they send anything.
        (&Method::GET, _) => {
            let models =
                ["bench", "bench-p2"].map(|id| json!({ "id": id, "object": "model", "owned_by": "tests" }));
            return Ok(told(&json!({ "object": "list", "data": models })));
        }
        _ => {}
    }
    let endpoint = Endpoint::of(path);
    let (head, body) = request.into_parts();
    let body = body.collect().await.map_err(io::Error::other)?.to_bytes();
    let asked = Asked::of(head.uri.path(), &body);
    if counts.remembers() {
        let model = asked.as_ref().map(|asked| asked.model.clone()).unwrap_or_default();
        counts.remember(seen(&head, &body, model));
    }
    let Some(endpoint) = endpoint else {
        return Ok(plain(Reply::error(Dialect::OpenAi, 404, "no such path")));
    };
    let asked = match asked.and_then(|asked| acceptable(endpoint, &head.headers, asked)) {
        Ok(asked) => asked,
        Err(why) => return Ok(plain(Reply::error(endpoint.dialect(), 400, &why))),
    };
    perform(endpoint, asked, &provider, abort).await
}

/// Runs the script.
async fn perform(
    endpoint: Endpoint,
    mut asked: Asked,
    provider: &Provider,
    abort: Abort,
) -> io::Result<Response<Answer>> {
    let (mut running, nth) = provider.counts.begin(&asked.model);
    asked.behaviour = std::mem::take(&mut asked.behaviour).for_request(nth);
    let script = &asked.behaviour;
    if !script.delay.is_zero() {
        tokio::time::sleep(script.delay).await;
    }
    match script.fault {
        Some(Fault::Reset) => {
            running.finish();
            abort.set(true);
            return Err(io::Error::other("the script wants a reset"));
        }
        Some(Fault::Stall) if !asked.stream => std::future::pending::<()>().await,
        _ => {}
    }
    let (reply, pace) = (provider.replies.to(endpoint, &asked), script.pace);
    if reply.chunks.is_empty() && reply.end == End::Whole {
        // A body without a byte is never polled.
        running.finish();
    }
    Ok(respond(reply, |reply| Answer { running: Some(running), pace, abort, ..Answer::new(reply) }))
}

/// What the real providers insist on: credentials, and for Anthropic a version and `max_tokens`.
fn acceptable(endpoint: Endpoint, headers: &hyper::HeaderMap, asked: Asked) -> Result<Asked, String> {
    let missing = match endpoint.dialect() {
        Dialect::OpenAi | Dialect::Converse => {
            (!headers.contains_key("authorization")).then_some("authorization")
        }
        Dialect::Google => (!headers.contains_key("x-goog-api-key")).then_some("x-goog-api-key"),
        Dialect::Anthropic if !headers.contains_key("anthropic-version") => Some("anthropic-version"),
        Dialect::Anthropic if endpoint == Endpoint::Messages && !asked.max_tokens => Some("max_tokens"),
        Dialect::Anthropic => (!headers.contains_key("x-api-key") && !headers.contains_key("authorization"))
            .then_some("x-api-key"),
    };
    missing.map_or(Ok(asked), |name| Err(format!("{name}: field required")))
}

fn seen(head: &hyper::http::request::Parts, body: &[u8], model: String) -> Seen {
    let header = |(name, value): (&hyper::header::HeaderName, &hyper::header::HeaderValue)| {
        (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned())
    };
    Seen {
        method: head.method.to_string(),
        path: head.uri.to_string(),
        headers: head.headers.iter().map(header).collect(),
        body: serde_json::from_slice(body).unwrap_or_else(|_| json!(String::from_utf8_lossy(body))),
        model,
    }
}

fn told(value: &Value) -> Response<Answer> {
    plain(Reply::json(200, value))
}

fn plain(reply: Reply) -> Response<Answer> {
    respond(reply, Answer::new)
}

fn respond(reply: Reply, body: impl FnOnce(Reply) -> Answer) -> Response<Answer> {
    let mut builder = Response::builder()
        .status(reply.status)
        .header("content-type", reply.content_type)
        .header("x-request-id", "req_mock0123456789abcdef");
    if let Some(seconds) = reply.retry_after {
        builder = builder.header("retry-after", seconds);
    }
    if let Some(length) = reply.length {
        builder = builder.header("content-length", length);
    }
    builder.body(body(reply)).expect("the reply's own headers are valid")
}

/// A response body that follows its script.
struct Answer {
    reply: Reply,
    pace: Duration,
    abort: Abort,
    running: Option<InFlight>,
    timer: Option<Pin<Box<Sleep>>>,
    due: Option<Instant>,
    begun: bool,
    flushed: bool,
}

impl Answer {
    fn new(reply: Reply) -> Self {
        let (pace, abort) = (Duration::ZERO, Abort::default());
        Self { reply, pace, abort, running: None, timer: None, due: None, begun: false, flushed: false }
    }

    /// Waits between two events; without a pace just long enough for the one before to be written.
    fn poll_gap(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if !self.pace.is_zero() {
            let due = *self.due.get_or_insert_with(|| Instant::now() + self.pace);
            ready!(self.poll_sleep(due, cx));
            self.due = Some(due + self.pace);
            return Poll::Ready(());
        }
        if std::mem::replace(&mut self.flushed, true) {
            return Poll::Ready(());
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }

    fn poll_sleep(&mut self, due: Instant, cx: &mut Context<'_>) -> Poll<()> {
        let timer = self.timer.get_or_insert_with(|| Box::pin(tokio::time::sleep_until(due)));
        ready!(timer.as_mut().poll(cx));
        self.timer = None;
        Poll::Ready(())
    }

    fn finish(&mut self) {
        if let Some(running) = &mut self.running {
            running.finish();
        }
    }
}

impl Body for Answer {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        if self.reply.chunks.is_empty() {
            return match self.reply.end {
                End::Stall => Poll::Pending,
                End::Whole => {
                    self.finish();
                    Poll::Ready(None)
                }
                // What was sent before a reset is lost unless the other side has had time to read it.
                End::Cut => {
                    ready!(self.poll_sleep(Instant::now() + Duration::from_millis(30), cx));
                    self.finish();
                    self.abort.set(true);
                    Poll::Ready(Some(Err(io::Error::other("the script wants a cut"))))
                }
            };
        }
        if self.begun {
            ready!(self.poll_gap(cx));
        }
        (self.begun, self.flushed) = (true, false);
        let chunk = self.reply.chunks.pop_front();
        if self.is_end_stream() {
            self.finish();
        }
        Poll::Ready(chunk.map(|bytes| Ok(Frame::data(bytes))))
    }

    fn is_end_stream(&self) -> bool {
        self.reply.chunks.is_empty() && self.reply.end == End::Whole
    }

    fn size_hint(&self) -> SizeHint {
        self.reply.length.map_or_else(SizeHint::default, |length| SizeHint::with_exact(length as u64))
    }
}

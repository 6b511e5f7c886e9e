//! A closed loop: each connection sends its next request when it has read the last answer to its end.

use crate::tally::{Events, Outcome, Tally};
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::{
    Request, Uri,
    body::Incoming,
    client::conn::http1::{self, SendRequest},
};
use hyper_util::rt::TokioIo;
use std::{
    cell::{Cell, RefCell},
    io::{self, Write},
    rc::Rc,
    time::Duration,
};
use tokio::{
    net::TcpStream,
    task::{JoinSet, spawn_local},
    time::{Instant, timeout},
};

/// What to ask, and how often.
pub struct Plan {
    /// `http://host:port/path`
    pub uri: Uri,
    /// Sent as it is.
    pub body: Bytes,
    /// Beside `content-type`, `content-length` and `host`.
    pub headers: Vec<(String, String)>,
    /// The answer is a stream that must be closed.
    pub stream: bool,
    /// Connections.
    pub concurrency: usize,
    /// Requests in all.
    pub requests: u64,
    /// No request begins later than this.
    pub duration: Duration,
    /// For one request.
    pub timeout: Duration,
}

/// Where the answers' call ids are written as they come: `<unix ms> <status> <whole> <call id>`.
pub type Journal = RefCell<Option<Box<dyn Write>>>;

struct Run {
    plan: Plan,
    left: Cell<u64>,
    until: Instant,
    tally: RefCell<Tally>,
    journal: Journal,
}

/// Performs a plan on the current `LocalSet`: what it found, and how long it took.
pub async fn run(plan: Plan, journal: Journal) -> (Tally, Duration) {
    let begun = Instant::now();
    let run = Rc::new(Run {
        left: Cell::new(plan.requests),
        until: begun + plan.duration,
        tally: RefCell::default(),
        journal,
        plan,
    });
    let mut connections = JoinSet::new();
    for _ in 0..run.plan.concurrency {
        connections.spawn_local(connection(run.clone()));
    }
    while connections.join_next().await.is_some() {}
    let elapsed = begun.elapsed();
    if let Some(journal) = run.journal.borrow_mut().as_mut() {
        // A journal on a full disk shows in the test that reads it.
        let _ = journal.flush();
    }
    (run.tally.take(), elapsed)
}

async fn connection(run: Rc<Run>) {
    let mut sender = None;
    while run.take() {
        let asked = timeout(run.plan.timeout, ask(&run.plan, sender.take())).await;
        match asked {
            Ok(Ok((outcome, kept))) => {
                sender = kept;
                run.note(&outcome);
                run.tally.borrow_mut().add(&outcome);
            }
            Ok(Err(error)) => run.fail(&error.to_string()).await,
            Err(_) => run.fail("timeout").await,
        }
    }
}

impl Run {
    /// Takes one of the requests that are left.
    fn take(&self) -> bool {
        let left = self.left.get();
        let may = left > 0 && Instant::now() < self.until;
        self.left.set(left.saturating_sub(1));
        may
    }

    /// Counts a failure, and does not hammer whoever is away.
    async fn fail(&self, error: &str) {
        self.tally.borrow_mut().add_error(error);
        tokio::time::sleep(Duration::from_millis(5)).await;
    }

    fn note(&self, outcome: &Outcome) {
        let mut journal = self.journal.borrow_mut();
        let Some(out) = journal.as_mut() else { return };
        let whole = u8::from(outcome.whole);
        // As in `run`.
        let _ = writeln!(out, "{} {} {whole} {}", unix_millis(), outcome.status, outcome.call_id);
    }
}

type Sender = SendRequest<Full<Bytes>>;
type Failure = Box<dyn std::error::Error>;

/// One request on the connection given, or on a new one; the connection comes back if it can be used again.
async fn ask(plan: &Plan, sender: Option<Sender>) -> Result<(Outcome, Option<Sender>), Failure> {
    let mut sender = match sender {
        Some(sender) if !sender.is_closed() => sender,
        _ => connect(plan).await?,
    };
    let begun = Instant::now();
    let response = sender.send_request(request(plan)?).await.map_err(|e| cause(&e))?;
    let (head, body) = response.into_parts();
    let text = |name| head.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let stream = text("content-type").starts_with("text/event-stream");
    let mut outcome = Outcome {
        status: head.status.as_u16(),
        call_id: text("x-tianji-call-id").to_owned(),
        ..Outcome::default()
    };
    let closed = read(body, &mut outcome, begun, stream).await?;
    outcome.latency = begun.elapsed();
    let should_close = stream || (plan.stream && head.status.is_success());
    outcome.whole = closed || !should_close;
    let reusable = sender.ready().await.is_ok();
    Ok((outcome, reusable.then_some(sender)))
}

/// Reads a body to its end. Whether a stream was closed properly.
async fn read(
    mut body: Incoming,
    outcome: &mut Outcome,
    begun: Instant,
    stream: bool,
) -> Result<bool, Failure> {
    let mut events = Events::default();
    while let Some(frame) = body.frame().await {
        let Ok(bytes) = frame.map_err(|e| cause(&e))?.into_data() else { continue };
        if outcome.bytes == 0 {
            outcome.first = begun.elapsed();
        }
        outcome.bytes += bytes.len() as u64;
        if stream {
            events.push(&bytes);
        }
    }
    outcome.events = events.count;
    Ok(events.closed())
}

async fn connect(plan: &Plan) -> Result<Sender, Failure> {
    let address = (plan.uri.host().unwrap_or("127.0.0.1"), plan.uri.port_u16().unwrap_or(80));
    let stream = TcpStream::connect(address).await.map_err(|error| error.kind().to_string())?;
    stream.set_nodelay(true)?;
    let (sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    // Its error is also the request's.
    spawn_local(async move { drop(connection.await) });
    Ok(sender)
}

fn request(plan: &Plan) -> Result<Request<Full<Bytes>>, hyper::http::Error> {
    let path = plan.uri.path_and_query().map_or("/", |path| path.as_str());
    let host = plan.uri.authority().map_or("localhost", |authority| authority.as_str());
    let method = if plan.body.is_empty() { "GET" } else { "POST" };
    let mut builder = Request::builder().method(method).uri(path).header("host", host);
    if !plan.body.is_empty() {
        builder = builder.header("content-type", "application/json");
    }
    for (name, value) in &plan.headers {
        builder = builder.header(name, value);
    }
    builder.body(Full::new(plan.body.clone()))
}

/// The innermost reason: few kinds, so that they can be counted.
fn cause(error: &hyper::Error) -> Failure {
    let mut inner: &dyn std::error::Error = error;
    while let Some(source) = inner.source() {
        inner = source;
    }
    match inner.downcast_ref::<io::Error>() {
        Some(io) => io.kind().to_string().into(),
        None => inner.to_string().into(),
    }
}

#[expect(clippy::disallowed_methods, reason = "tests compare it with the moment a process was killed")]
fn unix_millis() -> u128 {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default().as_millis()
}

//! From a client's call to an upstream's request, and from its answer back: the one door to `wire` and `providers`.

use crate::{call::Call, deployment::Deployment, error::Error, usage::Usage};

/// A request as one upstream wants it. Method, scheme and authority are the caller's business.
#[derive(Debug, Clone, PartialEq)]
pub struct Outgoing {
    /// Path and query, with the base URL's own path in front.
    pub path: String,
    /// Headers beside `content-type`, lower case; never a credential.
    pub headers: Vec<(String, String)>,
    /// JSON.
    pub body: Vec<u8>,
}

/// A whole answer in the client's dialect.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// JSON.
    pub body: Vec<u8>,
    /// What it cost in tokens; estimated where the upstream did not say.
    pub usage: Usage,
}

/// Translates `call` for `deployment`.
pub fn request(call: &Call, deployment: &Deployment) -> Result<Outgoing, Error> {
    let _ = deployment;
    Ok(Outgoing { path: "/v1/chat/completions".into(), headers: Vec::new(), body: call.body.clone() })
}

/// Translates a whole answer of the status given. An error status, or an error inside a 200, is an `Err`.
/// `now` is in Unix seconds.
pub fn answer(
    call: &Call,
    deployment: &Deployment,
    status: u16,
    body: &[u8],
    now: u64,
) -> Result<Answer, Error> {
    let _ = (call, deployment, now);
    if status >= 400 {
        return Err(Error::new(status, "upstream_error", String::from_utf8_lossy(body)));
    }
    Ok(Answer { body: body.to_vec(), usage: Usage::default() })
}

/// A streamed answer on its way through. Any split of the upstream's bytes gives the same events; nothing but the
/// unfinished event is kept.
pub struct Stream {
    usage: Usage,
}

/// What a push gave.
#[derive(Debug, Default)]
pub struct Pushed {
    /// Whole events in the client's dialect; may be empty.
    pub bytes: Vec<u8>,
    /// The upstream reported an error inside the stream (already encoded in `bytes`).
    pub error: Option<Error>,
}

impl Stream {
    /// The stream of one attempt. `now` is in Unix seconds.
    pub fn new(call: &Call, deployment: &Deployment, now: u64) -> Self {
        let _ = (call, deployment, now);
        Self { usage: Usage::default() }
    }

    /// The upstream's next bytes.
    pub fn push(&mut self, bytes: &[u8]) -> Pushed {
        Pushed { bytes: bytes.to_vec(), error: None }
    }

    /// The upstream has ended its answer: what is still to be said, or what is missing.
    pub fn end(&mut self) -> Pushed {
        Pushed::default()
    }

    /// Tokens counted so far; final after `end`. Estimated where the upstream has not said.
    pub fn usage(&self) -> Usage {
        self.usage
    }
}

/// Whether this upstream counts tokens itself (`/v1/messages/count_tokens`).
pub fn counts_tokens(deployment: &Deployment) -> bool {
    deployment.provider == "anthropic"
}

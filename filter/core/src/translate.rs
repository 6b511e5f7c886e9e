//! From a client's call to an upstream's request, and from its answer back: the one door to `wire` and `providers`.

pub mod events;
mod through;
mod whole;

use crate::{
    call::Call,
    client,
    deployment::Deployment,
    error::Error,
    operation::{Api, Operation},
    usage::Usage,
    wire::{self, Format, Target},
};
use through::Through;

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

/// How one client dialect and one wire format meet. The usual way is [`Through`] the internal form; a pair that
/// speaks the same language has a shorter one.
pub trait Pairing: Sync {
    /// The upstream's request.
    fn request(&self, target: &Target) -> Result<Outgoing, Error>;
    /// From a successful answer's body to the client's.
    fn answer(&self, body: &[u8], target: &Target) -> Result<Answer, Error>;
    /// For a streamed answer.
    fn flow(&self, target: &Target) -> Box<dyn Flow>;
}

/// A streamed answer on its way from the upstream's format to the client's. Bounded: never keeps the answer.
pub trait Flow {
    /// The upstream's next bytes.
    fn push(&mut self, bytes: &[u8]) -> Pushed;
    /// The upstream has ended its answer.
    fn end(&mut self) -> Pushed;
    /// Tokens counted so far.
    fn usage(&self) -> Usage;
}

fn pairing(target: &Target) -> &'static dyn Pairing {
    let api = target.call.api();
    let format = match target.call.operation {
        Operation::Embeddings => target.provider().embeds_in(target.deployment),
        _ => target.provider().format_for(target.deployment, api),
    };
    match (api, format) {
        (Api::OpenAi, Format::OpenAi) if !target.provider().amends() => &wire::openai::Direct,
        (Api::Anthropic, Format::Anthropic) => &client::anthropic::Native,
        (Api::Anthropic, Format::BedrockAnthropic) => &wire::bedrock::Messages,
        _ => &Through,
    }
}

/// Translates `call` for `deployment`.
pub fn request(call: &Call, deployment: &Deployment) -> Result<Outgoing, Error> {
    let target = Target { call, deployment, now: 0 };
    if !target.wire().supports(call.operation) {
        let (slug, name) = (deployment.provider().facts().slug, call.operation.name());
        return Err(Error::invalid(format!("{slug} does not serve {name}")));
    }
    pairing(&target).request(&target)
}

/// Translates a whole answer of the status given. An error status, or an error inside a 200, is an `Err`; its
/// `retry_after` is the caller's to add, from the answer's header. `now` is in Unix seconds.
pub fn answer(
    call: &Call,
    deployment: &Deployment,
    status: u16,
    body: &[u8],
    now: u64,
) -> Result<Answer, Error> {
    let target = Target { call, deployment, now };
    if status >= 400 {
        let provider = deployment.provider();
        let told = provider.error(status, body);
        return Err(told.unwrap_or_else(|| target.wire().error(provider.facts(), status, body)));
    }
    pairing(&target).answer(body, &target)
}

/// Translates a whole answer for a client that asked for a stream: some models have none to give. Its body is the whole
/// stream, server-sent events; else as [`answer`].
pub fn answer_as_stream(
    call: &Call,
    deployment: &Deployment,
    status: u16,
    body: &[u8],
    now: u64,
) -> Result<Answer, Error> {
    let target = Target { call, deployment, now };
    if status >= 400 {
        return Err(deployment.wire().error(deployment.provider().facts(), status, body));
    }
    Through::stream_of(body, &target)
}

/// A streamed answer on its way through. Any split of the upstream's bytes gives the same events; nothing but the
/// unfinished event is kept.
pub struct Stream(Box<dyn Flow>);

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
        let target = Target { call, deployment, now };
        Self(pairing(&target).flow(&target))
    }

    /// The upstream's next bytes.
    pub fn push(&mut self, bytes: &[u8]) -> Pushed {
        self.0.push(bytes)
    }

    /// The upstream has ended its answer: what is still to be said, or what is missing.
    pub fn end(&mut self) -> Pushed {
        self.0.end()
    }

    /// Tokens counted so far; final after `end`. Estimated where the upstream has not said.
    pub fn usage(&self) -> Usage {
        self.0.usage()
    }
}

/// Whether this upstream counts tokens itself (`/v1/messages/count_tokens`).
pub fn counts_tokens(deployment: &Deployment) -> bool {
    deployment.wire().supports(Operation::CountTokens)
}

/// The dialect of a target's client.
fn dialect(target: &Target) -> &'static dyn client::Dialect {
    client::of(target.call.api())
}

//! From a client's call to an upstream's request, and from its answer back: the one door to `wire` and `providers`.

pub mod events;
mod merging;
mod mock;
mod passing;
mod speech;
mod through;
mod transcription;
mod whole;

use crate::{
    call::Call,
    client,
    compression::Compression,
    deployment::Deployment,
    error::Error,
    media,
    operation::{Api, Operation},
    usage::Usage,
    wire::{self, Format, Target, Voice},
};
pub use mock::mocked;
use std::borrow::Cow;
use through::Through;

/// A request as one upstream wants it. Method, scheme and authority are the caller's business.
#[derive(Debug, Clone, PartialEq)]
pub struct Outgoing {
    /// Path and query, with the base URL's own path in front.
    pub path: String,
    /// Headers beside `content-type`, lower case; never a credential.
    pub headers: Vec<(String, String)>,
    /// What the body is.
    pub content_type: Cow<'static, str>,
    /// The body.
    pub body: Vec<u8>,
}

impl Outgoing {
    /// With a body of JSON.
    pub fn json(path: String, headers: Vec<(String, String)>, body: Vec<u8>) -> Self {
        Self { path, headers, content_type: JSON, body }
    }
}

/// A whole answer in the client's dialect.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// What the body is.
    pub content_type: Cow<'static, str>,
    /// The body.
    pub body: Vec<u8>,
    /// What it cost in tokens; estimated where the upstream did not say.
    pub usage: Usage,
}

impl Answer {
    /// With a body of JSON.
    pub fn json(body: Vec<u8>, usage: Usage) -> Self {
        Self { content_type: JSON, body, usage }
    }
}

/// What streamed answers are to clients.
pub const EVENTS: &str = "text/event-stream; charset=utf-8";

/// Unix seconds, of milliseconds.
pub fn seconds(millis: i64) -> u64 {
    u64::try_from(millis / 1000).unwrap_or(0)
}

const JSON: Cow<'static, str> = Cow::Borrowed("application/json");

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
    // What was fetched is put into the internal form.
    if !target.call.media.is_empty() {
        return &Through;
    }
    let operation = target.call.operation;
    match (target.call.api(), target.format()) {
        _ if operation == Operation::Speech => &speech::Speech,
        _ if operation == Operation::Transcription => &transcription::Transcription,
        (_, Format::Completions) if operation == Operation::Completions => &wire::completions::Native,
        (Api::OpenAi, Format::OpenAi)
            if operation != Operation::Completions
                && !target.provider().amends(target.deployment)
                && !merges(target) =>
        {
            &wire::openai::Direct
        }
        (Api::Anthropic, Format::Anthropic) => &client::anthropic::Native,
        (Api::Responses, Format::Responses) => &client::responses::Native,
        (Api::Gemini, Format::Gemini) => &client::gemini::Native,
        (Api::Anthropic, Format::BedrockAnthropic) => &wire::bedrock::Messages,
        _ => &Through,
    }
}

/// The deployment wants thoughts told as text in streams.
fn merges(target: &Target) -> bool {
    target.call.stream && target.deployment.switch("merge_reasoning_content_in_choices")
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

/// Whether the bytes of a good answer are what the client wants: sound that passes as it comes, in no dialect at all.
pub fn passes(call: &Call, deployment: &Deployment) -> bool {
    let target = Target { call, deployment, now: 0 };
    call.operation == Operation::Speech && target.wire().voice() == Some(Voice::Sound)
}

/// The addresses that a call names and its upstream does not fetch.
pub fn addresses(call: &Call, deployment: &Deployment) -> Vec<String> {
    let fetches = deployment.provider().fetches(deployment);
    let asks = matches!(call.operation, Operation::Chat | Operation::Messages);
    // Most bodies name nothing, and need not be read for it.
    if !asks || fetches.all_but().is_none_or(|mark| memchr::memmem::find(&call.body, mark).is_none()) {
        return Vec::new();
    }
    let target = Target { call, deployment, now: 0 };
    let chat = dialect(&target).request(&target);
    chat.map(|chat| media::remote(&chat, |url, kind| fetches.from(url, kind))).unwrap_or_default()
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
        return Err(refused(&target, status, body));
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
        return Err(refused(&target, status, body));
    }
    Through::stream_of(body, &target)
}

/// What an error status means: in the provider's words, or in its format's.
fn refused(target: &Target, status: u16, body: &[u8]) -> Error {
    let provider = target.provider();
    provider.error(status, body).unwrap_or_else(|| target.wire().error(provider.facts(), status, body))
}

/// A streamed answer on its way through. Any split of the upstream's bytes gives the same events; nothing but the
/// unfinished event is kept.
pub struct Stream {
    flow: Box<dyn Flow>,
    compression: Compression,
    api: Api,
    /// It cannot be read: the client knows.
    failed: bool,
}

/// What a push gave.
#[derive(Debug, Default)]
pub struct Pushed {
    /// Whole events in the client's dialect; may be empty.
    pub bytes: Vec<u8>,
    /// The upstream reported an error inside the stream (already encoded in `bytes`).
    pub error: Option<Error>,
    /// The error is all there is in `bytes`.
    pub alone: bool,
}

impl Stream {
    /// The stream of one attempt. `now` is in Unix seconds.
    pub fn new(call: &Call, deployment: &Deployment, now: u64) -> Self {
        let target = Target { call, deployment, now };
        let flow = pairing(&target).flow(&target);
        Self { flow, compression: Compression::None, api: call.api(), failed: false }
    }

    /// The same, of an answer that comes compressed.
    #[must_use]
    pub fn compressed(self, compression: Compression) -> Self {
        Self { compression, ..self }
    }

    /// The upstream's next bytes.
    pub fn push(&mut self, bytes: &[u8]) -> Pushed {
        if self.failed {
            return Pushed::default();
        }
        match self.compression.push(bytes) {
            Ok(bytes) => self.flow.push(&bytes),
            Err(error) => {
                self.failed = true;
                Pushed { bytes: error.event(self.api), error: Some(error), alone: true }
            }
        }
    }

    /// The upstream has ended its answer: what is still to be said, or what is missing.
    pub fn end(&mut self) -> Pushed {
        if self.failed { Pushed::default() } else { self.flow.end() }
    }

    /// Tokens counted so far; final after `end`. Estimated where the upstream has not said.
    pub fn usage(&self) -> Usage {
        self.flow.usage()
    }
}

/// Whether this upstream counts tokens itself, asked in this dialect.
pub fn counts_tokens(operation: Operation, deployment: &Deployment) -> bool {
    deployment.wire().supports(operation)
}

/// The dialect of a target's client.
fn dialect(target: &Target) -> &'static dyn client::Dialect {
    client::of(target.call.operation)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    fn call(operation: Operation) -> Call {
        let body = br#"{"model":"m","max_tokens":9,"stream":true,"messages":[{"role":"user","content":[{"type":"text","text":"Hi"}]}]}"#;
        Call::parse(operation, body.to_vec()).unwrap()
    }

    fn deployment(provider: &str, model: &str) -> Deployment {
        let api_base = "https://host.example".into();
        Deployment { provider: provider.into(), model: model.into(), api_base, ..Deployment::default() }
    }

    #[test]
    fn a_refusal_says_the_same_whether_or_not_a_stream_was_asked_for() {
        let body = br#"[{"error":{"code":429,"message":"Quota exceeded","status":"RESOURCE_EXHAUSTED"}}]"#;
        for model in ["gemini-2.5-pro", "claude-sonnet-4-5"] {
            let (call, deployment) = (call(Operation::Chat), deployment("vertex_ai", model));
            let whole = answer(&call, &deployment, 429, body, 0).unwrap_err();
            let streamed = answer_as_stream(&call, &deployment, 429, body, 0).unwrap_err();
            assert_eq!((whole.status, &whole.message), (streamed.status, &streamed.message));
            assert!(whole.message.contains("Quota exceeded"), "{}", whole.message);
        }
    }

    #[test]
    fn a_provider_s_smaller_messages_api_is_minded_on_the_short_way_too() {
        for operation in [Operation::Chat, Operation::Messages] {
            let deployment = deployment("snowflake", "claude-sonnet-4-5");
            let sent = request(&call(operation), &deployment).unwrap();
            let body: Value = serde_json::from_slice(&sent.body).unwrap();
            assert_eq!(body["messages"][0]["content"], "Hi", "{operation:?}");
        }
    }
}

//! What goes out in place of the client's request: with what it names fetched, translated, signed.

use crate::{
    call::Call,
    error::Error,
    exchange::{Attempt, Exchange},
    headers::{self, Headers},
    io::{Errand, Io},
    operation::Operation,
    providers::Auth,
    translate::{self, Outgoing},
};
use prost::Message;
use sha2::{Digest, Sha256};
use std::{rc::Rc, time::Duration};
use tianji_proto::{FetchRequest, FetchResponse, SignRequest, SignResponse, fetched::Outcome};

/// How long the control plane may take to fetch. It gives up by itself before that.
const FETCH: Duration = Duration::from_secs(30);
/// How long it may take to sign.
const SIGN: Duration = Duration::from_secs(3);
/// The most addresses that are fetched for one request.
const MOST_ADDRESSES: usize = 32;

/// A request, as it leaves.
pub struct Request {
    /// All of them, pseudo-headers included.
    pub headers: Headers,
    /// JSON, or a form.
    pub body: Vec<u8>,
    /// It cannot succeed, for this reason: only the answer of an upstream makes Envoy try the next one.
    pub fault: Option<Error>,
}

/// The request of an attempt. An error is the client's: no other candidate would do better.
pub async fn make(io: &Io, exchange: &Exchange, attempt: &mut Attempt) -> Result<Request, Error> {
    let outgoing = if let Some(prepared) = attempt.prepared.take() {
        prepared
    } else {
        fetch(io, exchange, attempt).await?;
        translate::request(&attempt.call, &attempt.deployment)?
    };
    let headers = headers::request(&attempt.deployment, &outgoing, accept(&attempt.call));
    let Outgoing { body, .. } = outgoing;
    if attempt.deployment.provider().auth(&attempt.deployment) == Auth::HttpSignature {
        return Ok(sign(io, attempt, headers, body).await);
    }
    Ok(Request { headers, body, fault: None })
}

/// What a provider is asked to answer with.
fn accept(call: &Call) -> &'static str {
    match call.operation {
        _ if call.stream => "text/event-stream",
        Operation::Speech | Operation::Transcription => "*/*",
        _ => "application/json",
    }
}

/// Has fetched what the upstream does not fetch.
async fn fetch(io: &Io, exchange: &Exchange, attempt: &mut Attempt) -> Result<(), Error> {
    let mut urls = translate::addresses(&attempt.call, &attempt.deployment);
    urls.retain(|url| !attempt.call.media.iter().any(|(known, _)| known == url));
    if urls.is_empty() {
        return Ok(());
    }
    if urls.len() > MOST_ADDRESSES {
        return Err(unfetched(format_args!("a request may name {MOST_ADDRESSES} addresses at most")));
    }
    let message = FetchRequest { urls: urls.clone() }.encode_to_vec();
    let answer: Option<FetchResponse> = io.run(Errand { method: "Fetch", message, timeout: FETCH }).await;
    let Some(answer) = answer.filter(|answer| answer.fetched.len() == urls.len()) else {
        return Err(Error::new(
            503,
            "internal_server_error",
            "What the request names by its address cannot be fetched now. Try again, or send it as a data: URL.",
        ));
    };
    let mut call = (*attempt.call).clone();
    for (url, fetched) in urls.into_iter().zip(answer.fetched) {
        match fetched.outcome {
            Some(Outcome::DataUrl(data)) => call.media.push((url, data)),
            Some(Outcome::Fault(why)) => return Err(unfetched(format_args!("{url}: {why}"))),
            None => return Err(unfetched(format_args!("{url}: nothing was fetched"))),
        }
    }
    attempt.call = Rc::new(call);
    exchange.replace(attempt.call.clone());
    Ok(())
}

fn unfetched(why: std::fmt::Arguments) -> Error {
    Error::invalid(format!("litellm.BadRequestError: Unable to fetch an image or a document: {why}"))
}

/// Has the request signed. One that cannot be goes out without its content: it is refused, and the next one is tried.
async fn sign(io: &Io, attempt: &Attempt, mut headers: Headers, body: Vec<u8>) -> Request {
    let text = |name: &str| headers.get(name).unwrap_or_default().to_owned();
    let request = SignRequest {
        deployment_id: attempt.deployment.id.clone(),
        method: text(":method"),
        path: text(":path"),
        host: text(":authority"),
        content_type: text("content-type"),
        content_length: u64::try_from(body.len()).unwrap_or(u64::MAX),
        content_sha256: Sha256::digest(&body).to_vec(),
    };
    let errand = Errand { method: "Sign", message: request.encode_to_vec(), timeout: SIGN };
    if let Some(SignResponse { headers: signature }) = io.run(errand).await {
        headers.extend(signature.iter().map(|header| (header.name.as_str(), header.value.as_str())));
        return Request { headers, body, fault: None };
    }
    let facts = attempt.deployment.provider().facts();
    let why = format!(
        "litellm.ServiceUnavailableError: {}Exception - the request could not be signed with the deployment's key",
        facts.name
    );
    let fault = Error::new(503, "internal_server_error", why);
    let (body, mut empty) = (b"{}".to_vec(), Headers::with_capacity(headers.len()));
    empty.extend(headers.iter().filter(|(name, _)| *name != "content-length"));
    empty.push("content-length", body.len());
    Request { headers: empty, body, fault: Some(fault) }
}

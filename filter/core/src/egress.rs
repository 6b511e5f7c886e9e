//! The egress pipeline, once per attempt: translate for this provider, translate its answer back, count.

mod context;
mod request;

use crate::{
    call::Call,
    compression::Compression,
    deployment::Deployment,
    error::Error,
    exchange::{Attempt, Exchange},
    gateway::Gateway,
    headers,
    io::{Effect, Io, Reply, ResponseHead},
    translate::{self, Answer, EVENTS, Pushed, seconds},
};
pub use context::Context;
use std::rc::Rc;

/// Envoy does not retry an answer that carries this header; the route takes it out.
const NO_RETRY: (&str, &str) = ("x-envoy-ratelimited", "true");

/// What streamed answers come as: server-sent events, AWS's event stream, a line of JSON each.
const STREAMS: [&str; 3] =
    ["text/event-stream", "application/vnd.amazon.eventstream", "application/x-ndjson"];

/// Makes one attempt at a provider.
pub async fn egress(io: Io, gateway: Rc<Gateway>, exchange: Rc<Exchange>, mut attempt: Attempt) {
    let request = match request::make(&io, &exchange, &mut attempt).await {
        Ok(request) => request,
        Err(error) => {
            exchange.answered(error.status);
            return io.perform(Effect::Respond(refuse(&exchange, &attempt, &error)));
        }
    };
    io.perform(Effect::Request { headers: request.headers, body: request.body });
    let head = io.response_head().await;
    let good = head.status < 300 && !head.bodyless;
    if let Some(error) = request.fault {
        io.response_body().await;
        io.perform(Effect::Replace(fail(&exchange, &attempt, &error, &head)));
    } else if good && attempt.call.stream && is_stream(&head) {
        stream(&io, &gateway, &exchange, &attempt, &head, streamed_as(&attempt.call)).await;
    } else if good && translate::passes(&attempt.call, &attempt.deployment) && !is_json(&head) {
        let kind = head.headers.get("content-type").unwrap_or("application/octet-stream");
        stream(&io, &gateway, &exchange, &attempt, &head, kind).await;
    } else {
        whole(&io, &exchange, &attempt, &head).await;
    }
}

/// What a stream leaves as.
fn streamed_as(call: &Call) -> &'static str {
    if call.as_array { "application/json" } else { EVENTS }
}

type Translate = fn(&Call, &Deployment, u16, &[u8], u64) -> Result<Answer, Error>;

/// An answer that is held until it is complete. Until then nothing has gone to the client: a bad one can be tried again.
async fn whole(io: &Io, exchange: &Exchange, attempt: &Attempt, head: &ResponseHead) {
    let body = io.response_body().await;
    let body = match compression(head).and_then(|mut compression| compression.push(&body)) {
        Ok(body) => body,
        Err(error) => return io.perform(Effect::Replace(fail(exchange, attempt, &error, head))),
    };
    let now = seconds(exchange.started_at());
    // Some models have no streams to give, though the client asked for one.
    let streamed = attempt.call.stream && attempt.call.operation.streams();
    let translate: Translate = if streamed { translate::answer_as_stream } else { translate::answer };
    match translate(&attempt.call, &attempt.deployment, head.status, &body, now) {
        Ok(answer) => {
            exchange.used(answer.usage);
            exchange.answered(200);
            let cost = attempt.deployment.cost(&answer.usage);
            let kind = if streamed { streamed_as(&attempt.call) } else { answer.content_type.as_ref() };
            let headers = headers::from_provider(head, kind, exchange, Some(cost));
            io.perform(Effect::Replace(Reply { status: 200, headers, body: answer.body }));
        }
        Err(mut error) => {
            let given = || head.headers.get("retry-after").map(str::to_owned);
            error.retry_after = error.retry_after.take().or_else(given);
            io.perform(Effect::Replace(fail(exchange, attempt, &error, head)));
        }
    }
}

/// An answer that passes as it comes. Until it says something there can be another attempt.
async fn stream(
    io: &Io,
    gateway: &Gateway,
    exchange: &Exchange,
    attempt: &Attempt,
    head: &ResponseHead,
    kind: &str,
) {
    io.perform(Effect::Watch);
    let mut stream =
        translate::Stream::new(&attempt.call, &attempt.deployment, seconds(exchange.started_at()));
    match compression(head) {
        Ok(compression) => stream = stream.compressed(compression),
        Err(error) => return io.perform(Effect::Replace(fail(exchange, attempt, &error, head))),
    }
    let first = opening(io, &mut stream).await;
    if let Some(error) = first.error.as_ref().filter(|_| first.alone) {
        return io.perform(Effect::Replace(fail(exchange, attempt, error, head)));
    }
    let mut headers = headers::from_provider(head, kind, exchange, None);
    headers.push(":status", 200);
    exchange.streaming();
    io.perform(Effect::Stream(headers));
    exchange.first_token(gateway.now());
    pass(io, exchange, first, &stream);
    while let Some(chunk) = io.response_chunk().await {
        pass(io, exchange, stream.push(&chunk), &stream);
    }
    pass(io, exchange, stream.end(), &stream);
    exchange.ended();
}

/// The first of a stream that says something, or its end.
async fn opening(io: &Io, stream: &mut translate::Stream) -> Pushed {
    while let Some(chunk) = io.response_chunk().await {
        let pushed = stream.push(&chunk);
        if !pushed.bytes.is_empty() {
            return pushed;
        }
    }
    stream.end()
}

fn pass(io: &Io, exchange: &Exchange, pushed: Pushed, stream: &translate::Stream) {
    exchange.used(stream.usage());
    if let Some(error) = &pushed.error {
        exchange.failed(error);
    }
    if !pushed.bytes.is_empty() {
        io.perform(Effect::Emit(pushed.bytes));
    }
}

/// A failed answer. With a deployment left to try, its status makes Envoy try that one; otherwise it goes to the client.
fn fail(exchange: &Exchange, attempt: &Attempt, error: &Error, head: &ResponseHead) -> Reply {
    let mut reply = refuse(exchange, attempt, error);
    if attempt.more && worth_another(error.status) {
        reply.status = if error.status == 429 { 429 } else { error.status.max(500) };
    } else {
        reply.headers.push(NO_RETRY.0, NO_RETRY.1);
        // Without a body to put the error in, the answer is left to ingress.
        if !head.bodyless {
            exchange.answered(error.status);
        }
    }
    headers::tell(&mut reply.headers, head);
    reply
}

fn refuse(exchange: &Exchange, attempt: &Attempt, error: &Error) -> Reply {
    exchange.failed(error);
    headers::describe(Reply::error(error, attempt.call.api()), exchange)
}

/// Whether another provider might do better: it is this one that refuses, limits or fails, not the request.
fn worth_another(status: u16) -> bool {
    matches!(status, 401 | 403 | 404 | 408 | 409 | 424 | 429 | 500..)
}

fn is_stream(head: &ResponseHead) -> bool {
    STREAMS.iter().any(|stream| content_type(head).starts_with(stream))
}

fn compression(head: &ResponseHead) -> Result<Compression, Error> {
    Compression::of(head.headers.get("content-encoding"))
}

fn is_json(head: &ResponseHead) -> bool {
    content_type(head).starts_with("application/json")
}

fn content_type(head: &ResponseHead) -> &str {
    head.headers.get("content-type").unwrap_or_default()
}

#[cfg(test)]
mod tests;

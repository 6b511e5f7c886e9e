//! The ingress pipeline, once per request: who asks, may they, for what, and where does it go.

mod context;

use crate::{
    access::{self, Caller},
    call::Call,
    deployment::Deployment,
    error::Error,
    exchange::Exchange,
    gateway::Gateway,
    grants::{Demand, nanos},
    headers,
    io::{Effect, Forward, Io, Reply},
    local, models,
    operation::Operation,
    plan::plan,
    translate::{self, Answer, EVENTS, seconds},
    usage::Usage,
};
pub use context::Context;
use std::rc::Rc;

/// Serves one request of a client API.
pub async fn ingress(io: Io, gateway: Rc<Gateway>, exchange: Rc<Exchange>, operation: Operation) {
    match serve(&io, &gateway, &exchange, operation).await {
        Ok(Some(reply)) => {
            exchange.answered(reply.status);
            io.perform(Effect::Respond(headers::describe(reply, &exchange)));
        }
        Err(error) => io.perform(Effect::Respond(refuse(&exchange, &error, operation))),
        Ok(None) => {
            // A provider's answer passes by without us. What comes here is Envoy's own (nobody reached, or too late), or
            // a failure that had no body to put its error in.
            let head = io.response_head().await;
            let text = io.response_body().await;
            let deployment = exchange.deployment();
            let error =
                exchange.failure().unwrap_or_else(|| local::error(&head, &text, deployment.as_deref()));
            let reply = refuse(&exchange, &error, operation);
            io.perform(if text.is_empty() { Effect::Respond(reply) } else { Effect::Replace(reply) });
        }
    }
}

/// From the request's head to its way upstream; a reply where it is answered here.
async fn serve(
    io: &Io,
    gateway: &Gateway,
    exchange: &Exchange,
    operation: Operation,
) -> Result<Option<Reply>, Error> {
    let head = io.request_head().await;
    if head.method() != operation.method() {
        return Ok(Some(local::method_not_allowed(operation)));
    }
    let credential = head.credential(operation);
    let caller = access::authenticate(io, gateway, exchange.started_at(), credential.as_deref()).await?;
    exchange.identify(caller.grant.clone());
    let config = gateway.config();
    match operation {
        Operation::Models => return Ok(Some(models::list(&config, &caller))),
        Operation::Model => return Ok(Some(models::one(&config, &caller, head.path()))),
        _ => {}
    }
    // Envoy answers 413 by itself when the body is larger than its buffer.
    let Some(body) = io.request_body().await else { return Ok(None) };
    let mut call = Call::asked(operation, &head, body)?;
    head.betas().clone_into(&mut call.betas);
    let call = Rc::new(call);
    let plan = candidates(gateway, &caller, &call)?;
    let Some(first) = plan.first().cloned() else { return Err(unknown_model(&call)) };
    let counts = matches!(operation, Operation::CountTokens | Operation::CountContent);
    if counts && !translate::counts_tokens(operation, &first) {
        return local::count_tokens(&call).map(Some);
    }
    if let Some(answer) = translate::mocked(&call, &first, seconds(exchange.started_at())) {
        let Answer { content_type, body, .. } = answer?;
        let kind = if call.stream { EVENTS } else { content_type.as_ref() };
        let headers = [("content-type", kind)].into_iter().collect();
        return Ok(Some(Reply { status: 200, headers, body }));
    }
    access::admit(io, gateway, exchange, &caller, demand(&call, &first)).await?;
    exchange.begin(call.clone(), plan);
    // Egress fetches, and translates then.
    if translate::addresses(&call, &first).is_empty() {
        exchange.prepare(translate::request(&call, &first)?);
    }
    io.perform(Effect::Forward(Forward {
        cluster: first.cluster.clone(),
        retries: exchange.retries(),
        timeout_ms: timeout_ms(&first),
    }));
    Ok(None)
}

/// The deployments that may answer this call for this caller, in the order they are tried.
fn candidates(gateway: &Gateway, caller: &Caller, call: &Call) -> Result<Vec<Rc<Deployment>>, Error> {
    let config = gateway.config();
    if !config.models.contains_key(&call.model) {
        return Err(unknown_model(call));
    }
    if !access::may_use(&caller.grant, &call.model) {
        return Err(access::denied_model(&caller.grant, &call.model));
    }
    let plan = gateway.random(|random| plan(&config, &call.model, random));
    if plan.is_empty() { Err(unserved_model(call)) } else { Ok(plan) }
}

/// What a call may turn out to use: the estimate of its prompt, and the answer's cap where the client set one.
fn demand(call: &Call, deployment: &Deployment) -> Demand {
    let usage = Usage::expected(call);
    let tokens = i64::try_from(usage.total()).unwrap_or(i64::MAX);
    Demand { tokens, nanos: nanos(deployment.cost(&usage)) }
}

fn timeout_ms(deployment: &Deployment) -> Option<u64> {
    let seconds = deployment.timeout.filter(|seconds| seconds.is_finite() && *seconds > 0.0)?;
    u64::try_from(std::time::Duration::try_from_secs_f64(seconds).ok()?.as_millis()).ok()
}

fn unknown_model(call: &Call) -> Error {
    let message = format!(
        "{}: Invalid model name passed in model={}. Call `/v1/models` to view available models for your key.",
        call.operation.label(),
        call.model
    );
    Error::invalid(message)
}

/// It is offered, and none of its deployments can be used: no fault of the client's, who may try again.
fn unserved_model(call: &Call) -> Error {
    let message = format!(
        "No deployment of model={} can be used now: the gateway has no valid credentials for it. The administrator \
         finds the reason in the gateway's log and at /health.",
        call.model
    );
    Error::new(503, "service_unavailable_error", message)
}

fn refuse(exchange: &Exchange, error: &Error, operation: Operation) -> Reply {
    exchange.failed(error);
    exchange.answered(error.status);
    headers::describe(Reply::error(error, operation.api()), exchange)
}

#[cfg(test)]
mod tests;

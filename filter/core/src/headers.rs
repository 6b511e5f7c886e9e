//! The headers of requests to providers and of answers to clients. Both are written whole, from a list of what may be
//! in them, so that nothing slips through: no client key upstream, no cookie downstream.

mod list;

use crate::{
    deployment::Deployment,
    exchange::Exchange,
    io::{Reply, ResponseHead},
    translate::Outgoing,
};
pub use list::Headers;
use std::fmt::Display;

/// Headers of a provider that say something about the connection or would confuse the client's, and are not passed on.
const DROPPED: [&str; 12] = [
    "connection",
    "content-encoding",
    "content-length",
    "content-type",
    "date",
    "keep-alive",
    "server",
    "set-cookie",
    "strict-transport-security",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// Headers of a provider that are passed on as they are.
const PLAIN: [&str; 2] = ["retry-after", "x-request-id"];

/// Everything the provider gets, pseudo-headers included. Its credential is put in by Envoy after this.
pub fn request(deployment: &Deployment, outgoing: &Outgoing, accept: &str) -> Headers {
    let (scheme, authority) = origin(&deployment.api_base);
    let fixed = [
        (":method", "POST"),
        (":scheme", scheme),
        (":authority", authority),
        (":path", outgoing.path.as_str()),
        ("content-type", outgoing.content_type.as_ref()),
        ("accept", accept),
    ];
    let mut headers: Headers = fixed.into_iter().collect();
    headers.push("content-length", outgoing.body.len());
    headers.extend(outgoing.headers.iter().map(|(name, value)| (name, value)));
    headers
}

/// Adds what a client may want to know of its exchange: under our name, and under `LiteLLM`'s where its clients read it.
pub fn describe(mut reply: Reply, exchange: &Exchange) -> Reply {
    answer(&mut reply.headers, exchange, None);
    reply
}

/// The head of an answer that came from a provider; its status and length are still to be added.
pub fn from_provider(
    head: &ResponseHead,
    content_type: &str,
    exchange: &Exchange,
    cost: Option<f64>,
) -> Headers {
    let mut headers = Headers::with_capacity(head.headers.len() + 20);
    headers.push("content-type", content_type);
    headers.extend(head.headers.iter().filter(|(name, _)| PLAIN.contains(name)));
    tell(&mut headers, head);
    answer(&mut headers, exchange, cost);
    headers
}

/// Adds what a provider said beside its answer, under a prefix.
pub fn tell(headers: &mut Headers, head: &ResponseHead) {
    for (name, value) in head.headers.iter() {
        let own = name.starts_with(':') || name.starts_with("x-envoy-");
        if !own && !DROPPED.contains(&name) && !PLAIN.contains(&name) {
            headers.push_joined(["llm_provider-", name], value);
        }
    }
}

/// Every header costs half a microsecond or so: these are the ones that somebody reads.
fn answer(headers: &mut Headers, exchange: &Exchange, cost: Option<f64>) {
    let mut both = |name: &str, value: &dyn Display| {
        headers.push_joined(["x-tianji-", name], value);
        headers.push_again(["x-litellm-", name]);
    };
    both("call-id", &exchange.call_id());
    if let Some(deployment) = exchange.deployment() {
        both("model-id", &deployment.id);
        both("attempted-retries", &exchange.attempts().saturating_sub(1));
    }
    if let Some(cost) = cost {
        both("response-cost", &cost);
    }
    let grant = exchange.grant();
    let limits = grant.limits.unwrap_or_default();
    if let Some(limit) = limits.requests_per_minute {
        both("key-rpm-limit", &limit);
    }
    if let Some(limit) = limits.tokens_per_minute {
        both("key-tpm-limit", &limit);
    }
    if let Some(budget) = limits.budget {
        both("key-max-budget", &budget);
        both("key-spend", &grant.spend);
    }
    if let Some(limit) = limits.parallel {
        headers.push("x-tianji-key-max-parallel-requests", limit);
    }
}

/// Scheme and authority of a base URL.
fn origin(base: &str) -> (&str, &str) {
    let (scheme, rest) = base.split_once("://").unwrap_or(("https", base));
    (scheme, rest.split('/').next().unwrap_or(rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_provider_gets_what_is_written_here_and_nothing_else() {
        let deployment =
            Deployment { api_base: "https://api.example.com:8443/v1".into(), ..Deployment::default() };
        let outgoing = Outgoing::json("/v1/x".into(), vec![("a".into(), "b".into())], vec![1, 2]);
        let headers = request(&deployment, &outgoing, "text/event-stream");
        let found = [":scheme", ":authority", "content-length", "accept"].map(|name| headers.get(name));
        assert_eq!(found.map(Option::unwrap), ["https", "api.example.com:8443", "2", "text/event-stream"]);
        assert_eq!(headers.len(), 8);
    }

    #[test]
    fn a_provider_s_cookies_stay_here_and_its_limits_are_shown_under_a_prefix() {
        let names = [":status", "set-cookie", "x-ratelimit-remaining-requests", "retry-after"];
        let head = ResponseHead::new(names.map(|name| (name, "1")).into_iter().collect(), false);
        let headers = from_provider(&head, "application/json", &Exchange::new("id".into(), 0), None);
        for name in ["llm_provider-x-ratelimit-remaining-requests", "retry-after", "x-litellm-call-id"] {
            assert!(headers.get(name).is_some(), "{name}");
        }
        assert!(!headers.iter().any(|(name, _)| name.contains("cookie") || name.contains(':')));
    }
}

//! The headers of requests to providers and of answers to clients. Both are written whole, from a list of what may be
//! in them, so that nothing slips through: no client key upstream, no cookie downstream.

use crate::{
    deployment::Deployment,
    exchange::Exchange,
    io::{Headers, Reply, ResponseHead},
    translate::Outgoing,
};

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

/// Everything the provider gets, pseudo-headers included. Its credential is put in by Envoy after this.
pub fn request(deployment: &Deployment, outgoing: &Outgoing, streamed: bool) -> Headers {
    let (scheme, authority) = origin(&deployment.api_base);
    let accept = if streamed { "text/event-stream" } else { "application/json" };
    let fixed = [
        (":method", "POST"),
        (":scheme", scheme),
        (":authority", authority),
        (":path", outgoing.path.as_str()),
        ("content-type", "application/json"),
        ("accept", accept),
    ];
    let mut headers: Headers = fixed.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
    headers.push(("content-length".into(), outgoing.body.len().to_string()));
    headers.extend(outgoing.headers.iter().cloned());
    headers
}

/// Adds what a client may want to know of its exchange: under our name, and under `LiteLLM`'s where its clients read it.
pub fn describe(mut reply: Reply, exchange: &Exchange) -> Reply {
    answer(&mut reply.headers, exchange, None);
    reply
}

/// The head of an answer that came from a provider.
pub fn from_provider(
    head: &ResponseHead,
    content_type: &str,
    exchange: &Exchange,
    cost: Option<f64>,
) -> Headers {
    let mut headers = vec![("content-type".into(), content_type.into())];
    for (name, value) in &head.headers {
        if name == "retry-after" || name == "x-request-id" {
            headers.push((name.clone(), value.clone()));
        } else if !DROPPED.contains(&name.as_str()) && !name.starts_with("x-envoy-") && !name.starts_with(':')
        {
            headers.push((format!("llm_provider-{name}"), value.clone()));
        }
    }
    answer(&mut headers, exchange, cost);
    headers
}

/// Every header costs half a microsecond or so: these are the ones that somebody reads.
fn answer(headers: &mut Headers, exchange: &Exchange, cost: Option<f64>) {
    let mut both = |ours: &str, litellms: &str, value: String| {
        headers.push((litellms.into(), value.clone()));
        headers.push((ours.into(), value));
    };
    both("x-tianji-call-id", "x-litellm-call-id", exchange.call_id());
    if let Some(deployment) = exchange.deployment() {
        both("x-tianji-model-id", "x-litellm-model-id", deployment.id.clone());
        let retries = exchange.attempts().saturating_sub(1).to_string();
        both("x-tianji-attempted-retries", "x-litellm-attempted-retries", retries);
    }
    if let Some(cost) = cost {
        both("x-tianji-response-cost", "x-litellm-response-cost", cost.to_string());
    }
    let grant = exchange.grant();
    let limits = grant.limits.unwrap_or_default();
    if let Some(limit) = limits.requests_per_minute {
        both("x-tianji-key-rpm-limit", "x-litellm-key-rpm-limit", limit.to_string());
    }
    if let Some(limit) = limits.tokens_per_minute {
        both("x-tianji-key-tpm-limit", "x-litellm-key-tpm-limit", limit.to_string());
    }
    if let Some(budget) = limits.budget {
        both("x-tianji-key-max-budget", "x-litellm-key-max-budget", budget.to_string());
        both("x-tianji-key-spend", "x-litellm-key-spend", grant.spend.to_string());
    }
    if let Some(limit) = limits.parallel {
        headers.push(("x-tianji-key-max-parallel-requests".into(), limit.to_string()));
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
        let outgoing =
            Outgoing { path: "/v1/x".into(), headers: vec![("a".into(), "b".into())], body: vec![1, 2] };
        let headers = request(&deployment, &outgoing, true);
        let value = |name: &str| headers.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str());
        assert_eq!((value(":scheme"), value(":authority")), (Some("https"), Some("api.example.com:8443")));
        assert_eq!((value("content-length"), value("accept")), (Some("2"), Some("text/event-stream")));
        assert_eq!(headers.len(), 8);
    }

    #[test]
    fn a_provider_s_cookies_stay_here_and_its_limits_are_shown_under_a_prefix() {
        let header = |name: &str| (name.to_string(), "v".to_string());
        let head = ResponseHead {
            status: 200,
            headers: vec![
                header("set-cookie"),
                header("x-ratelimit-remaining-requests"),
                header("retry-after"),
            ],
            bodyless: false,
        };
        let headers = from_provider(&head, "application/json", &Exchange::new("id".into(), 0), None);
        let has = |name: &str| headers.iter().any(|(n, _)| n == name);
        assert!(
            has("llm_provider-x-ratelimit-remaining-requests")
                && has("retry-after")
                && has("x-litellm-call-id")
        );
        assert!(!has("set-cookie") && !has("llm_provider-set-cookie"));
    }
}

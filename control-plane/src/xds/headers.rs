//! What no provider may see, removed natively at the head of every attempt.

use super::pb;
use pb::{
    header_mutation::{HeaderMutation, Mutations},
    matcher::{StringMatcher, string_matcher::MatchPattern},
    mutation::{HeaderMutation as Rule, header_mutation::Action, header_mutation::RemoveOnMatch},
};

/// Headers that carry a credential, of the client or of a provider. Attempts share one header map: without this the
/// next provider would be handed the key that was meant for the one before it.
const CREDENTIALS: [&str; 10] = [
    "api-key",
    "authorization",
    "cookie",
    "proxy-authorization",
    "x-amz-content-sha256",
    "x-amz-date",
    "x-amz-security-token",
    "x-api-key",
    "x-goog-api-key",
    "xi-api-key",
];
/// What Envoy adds for services behind it.
const OWN: [&str; 2] = ["x-envoy-", "x-forwarded-"];

/// The first filter of every deployment's chain.
pub fn removal() -> pb::hcm::HttpFilter {
    let credentials = CREDENTIALS.map(|name| Action::Remove(name.into()));
    let own = OWN.map(|prefix| {
        let prefix = MatchPattern::Prefix(prefix.into());
        let key_matcher = StringMatcher { match_pattern: Some(prefix), ..Default::default() };
        Action::RemoveOnMatch(RemoveOnMatch { key_matcher: Some(key_matcher) })
    });
    let rules = credentials.into_iter().chain(own).map(|action| Rule { action: Some(action) });
    let mutations = Mutations { request_mutations: rules.collect(), ..Default::default() };
    let config = HeaderMutation { mutations: Some(mutations), ..Default::default() };
    pb::http_filter("envoy.filters.http.header_mutation", config)
}

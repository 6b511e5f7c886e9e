//! One deployment of a model: where it is, what it costs, how it wants to be spoken to.

use crate::{
    cost::{Rates, cost, whole},
    providers::{self, Provider},
    usage::Usage,
    wire::{Format, Wire},
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::{borrow::Cow, fmt, sync::OnceLock};

/// An upstream that can answer for a model name. Holds no secret: the key is put in by Envoy.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Deployment {
    /// `model_info.id`.
    pub id: String,
    /// The Envoy cluster that leads there.
    pub cluster: String,
    /// The provider's slug: a name in `providers`.
    pub provider: String,
    /// The model's name at the provider, without the provider prefix.
    pub model: String,
    /// Base URL without a trailing slash, for instance `https://api.openai.com/v1`.
    pub api_base: String,
    /// Relative share of the traffic.
    pub weight: f64,
    /// Seconds a whole answer may take; the gateway's default when absent.
    pub timeout: Option<f64>,
    /// What else stood in `litellm_params`: defaults and switches such as `drop_params`, `max_tokens`,
    /// `extra_headers`. Never a credential.
    pub params: Map<String, Value>,
    /// The model's row of the price table, reduced to what the filter acts on: costs, limits and `supports_*`.
    pub facts: Map<String, Value>,
    /// What follows from these.
    #[serde(skip)]
    pub derived: Derived,
}

/// What follows from a deployment's fields, worked out when it is first needed.
#[derive(Clone, Default)]
pub struct Derived {
    rates: OnceLock<Option<Rates>>,
    provider: OnceLock<&'static dyn Provider>,
}

impl fmt::Debug for Derived {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.debug_struct("Derived").finish_non_exhaustive()
    }
}

impl Deployment {
    /// The provider. An unknown slug is spoken to as `openai_like`.
    pub fn provider(&self) -> &'static dyn Provider {
        let find = || providers::find(&self.provider).unwrap_or_else(providers::fallback);
        *self.derived.provider.get_or_init(find)
    }

    /// The wire format it speaks, by name.
    pub fn format(&self) -> Format {
        self.provider().format(self)
    }

    /// The wire format it speaks.
    pub fn wire(&self) -> &'static dyn Wire {
        self.format().wire()
    }

    /// Where it is: its own base URL or its provider's. Never ends in a slash.
    pub fn base_url(&self) -> Cow<'_, str> {
        let base = match self.api_base.trim_end_matches('/') {
            "" => {
                self.params.get("base_url").and_then(Value::as_str).unwrap_or_default().trim_end_matches('/')
            }
            given => given,
        };
        if base.is_empty() { self.provider().base_url(&self.model, &self.params) } else { base.into() }
    }

    /// The request path for `below` (which begins with a slash): the base URL's own path goes in front, its query
    /// behind. A base URL that already ends in `below` is not extended.
    pub fn path(&self, below: &str) -> String {
        let base = self.base_url();
        let after_scheme = base.split_once("://").map_or(&*base, |(_, rest)| rest);
        let path = after_scheme.find('/').and_then(|at| after_scheme.get(at..)).unwrap_or_default();
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let path = path.trim_end_matches('/');
        let below = if path.ends_with(below) { "" } else { below };
        if query.is_empty() { format!("{path}{below}") } else { format!("{path}{below}?{query}") }
    }

    /// It is at its provider's own address, not at a server that merely speaks the same language.
    pub fn at_home(&self) -> bool {
        let home = domain(self.provider().facts().base_url);
        let base = self.base_url();
        let host = host(&base);
        !home.is_empty() && (host == home || host.strip_suffix(home).is_some_and(|sub| sub.ends_with('.')))
    }

    /// A switch in `params`; a string `"true"` counts.
    pub fn switch(&self, name: &str) -> bool {
        match self.params.get(name) {
            Some(Value::Bool(on)) => *on,
            Some(Value::String(text)) => text.eq_ignore_ascii_case("true"),
            _ => false,
        }
    }

    /// US dollars for `usage`, in the provider's standard service tier.
    pub fn cost(&self, usage: &Usage) -> f64 {
        match self.derived.rates.get_or_init(|| Rates::flat(&self.facts)) {
            Some(rates) => whole(rates.cost(usage), usage, &self.facts),
            None => cost(usage, &self.facts),
        }
    }

    /// A capability of the model (`supports_…`) as the price table states it, or `None`.
    pub fn supports(&self, capability: &str) -> Option<bool> {
        self.facts.get(capability).and_then(Value::as_bool)
    }
}

/// `api.openai.com` in `https://api.openai.com:443/v1`.
fn host(url: &str) -> &str {
    let authority = url.split_once("://").map_or(url, |(_, rest)| rest);
    authority.split(['/', ':', '?']).next().unwrap_or_default()
}

/// `openai.com` in the same.
fn domain(url: &str) -> &str {
    let host = host(url);
    host.rmatch_indices('.').nth(1).and_then(|(at, _)| host.get(at + 1..)).unwrap_or(host)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(api_base: &str) -> String {
        Deployment { provider: "openai".into(), api_base: api_base.into(), ..Deployment::default() }
            .path("/chat")
    }

    #[test]
    fn the_base_urls_own_path_and_query_are_kept() {
        assert_eq!(path(""), "/v1/chat");
        assert_eq!(path("https://b.internal"), "/chat");
        assert_eq!(path("https://b.internal:8443/v1/"), "/v1/chat");
        assert_eq!(path("https://b.internal/a/b?v=1"), "/a/b/chat?v=1");
        assert_eq!(path("https://b.internal/v1/chat"), "/v1/chat");
    }

    #[test]
    fn home_is_the_vendors_domain() {
        let home = |base: &str| {
            let api_base = base.into();
            Deployment { provider: "openai".into(), api_base, ..Deployment::default() }.at_home()
        };
        assert!(home("") && home("https://eu.api.openai.com/v1"));
        assert!(!home("https://openai.com.evil.example/v1") && !home("https://notopenai.com"));
    }
}

//! Who can be upstream: one file each, with facts and what differs from the wire format.

use crate::{
    deployment::Deployment,
    error::Error,
    wire::{Format, Target},
};
use serde_json::{Map, Value};
use std::borrow::Cow;

/// What differs between providers in value.
#[derive(Debug, Clone, Copy)]
pub struct Facts {
    /// Its name in `model: slug/…`, in prices and in the ledger.
    pub slug: &'static str,
    /// Its name for people, and in `LiteLLM`'s error messages (`OpenAIException`).
    pub name: &'static str,
    /// The vendor's API reference.
    pub docs: &'static str,
    /// Where it is, without a trailing slash; empty when only the deployment's `api_base` can tell.
    pub base_url: &'static str,
    /// The environment variable its key is usually in; empty when it has none of its own.
    pub key_env: &'static str,
    /// The environment variable that moves `base_url`.
    pub base_env: &'static str,
    /// How it wants the key.
    pub auth: Auth,
    /// The wire format it speaks.
    pub format: Format,
}

impl Facts {
    /// What most of the field imitates.
    pub const OPENAI: Self = Self {
        slug: "openai",
        name: "OpenAI",
        docs: "https://platform.openai.com/docs/api-reference",
        base_url: "https://api.openai.com/v1",
        key_env: "OPENAI_API_KEY",
        base_env: "OPENAI_BASE_URL",
        auth: Auth::Bearer,
        format: Format::OpenAi,
    };
}

/// The header a key goes into. The filter never holds the key; the control plane gives Envoy this shape.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Auth {
    /// `authorization: Bearer <key>`
    Bearer,
    /// `<name>: <key>`
    Header(&'static str),
}

/// One upstream: its facts, and only the steps in which it differs from its wire format.
pub trait Provider: Sync {
    /// What it is.
    fn facts(&self) -> &'static Facts;

    /// Where it is, as far as a deployment's model and `litellm_params` say. Without a trailing slash.
    fn base_url(&self, _model: &str, _params: &Map<String, Value>) -> Cow<'static, str> {
        self.facts().base_url.into()
    }

    /// The wire format a deployment's model is spoken to in.
    fn format(&self, _deployment: &Deployment) -> Format {
        self.facts().format
    }

    /// Path below the base URL, where it is not the format's own.
    fn path(&self, _target: &Target) -> Option<String> {
        None
    }

    /// Whether a model takes a parameter of `OpenAI`'s chat API.
    fn takes(&self, _parameter: &str, _deployment: &Deployment) -> bool {
        true
    }

    /// An error answer, where it is not told as those of the format.
    fn error(&self, _status: u16, _body: &[u8]) -> Option<Error> {
        None
    }

    /// Tokens asked for by default, where that is not what the model can answer with.
    fn max_tokens(&self, _deployment: &Deployment) -> Option<u64> {
        None
    }

    /// Fetches what stands at an address that a request to a model names. Otherwise it is fetched for it; see `media`.
    fn fetches(&self, _url: &str, _deployment: &Deployment) -> bool {
        true
    }

    /// The usage at the end of a stream says what it cost.
    fn tells_cost(&self, deployment: &Deployment) -> bool {
        self.format(deployment).wire().tells_cost()
    }

    /// `amend` or `hides` does something: what could pass as it is has to be looked at.
    fn amends(&self) -> bool {
        false
    }

    /// The last changes to a body in its format, and to the headers beside it.
    fn amend(
        &self,
        _body: &mut Map<String, Value>,
        _headers: &mut Vec<(String, String)>,
        _target: &Target,
    ) -> Result<(), Error> {
        Ok(())
    }

    /// A field of answers, whole or streamed, that clients do not see.
    fn hides(&self, _deployment: &Deployment, _streamed: bool) -> Option<&'static str> {
        None
    }
}

/// The provider with this slug.
pub fn find(slug: &str) -> Option<&'static dyn Provider> {
    let at = ALL.binary_search_by(|provider| provider.facts().slug.cmp(slug)).ok()?;
    ALL.get(at).copied()
}

/// Whoever is not in the list speaks the language most of them speak.
pub fn fallback() -> &'static dyn Provider {
    &openai_like::This
}

macro_rules! providers {
    ($($name:ident),+ $(,)?) => {
        $(mod $name;)+
        /// Every provider, sorted by slug.
        pub static ALL: &[&dyn Provider] = &[$(&$name::This),+];
    };
}

providers! { anthropic, gemini, openai, openai_like, vertex_ai }

mod prelude {
    pub(super) use super::{Auth, Facts, Provider};
    pub(super) use crate::{
        deployment::Deployment,
        error::Error,
        wire::{Format, Target},
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_sorted_without_doubles() {
        let slugs: Vec<_> = ALL.iter().map(|provider| provider.facts().slug).collect();
        assert!(slugs.is_sorted_by(|a, b| a < b), "{slugs:?}");
    }

    #[test]
    fn every_provider_is_documented_and_reached_by_https() {
        for facts in ALL.iter().map(|provider| provider.facts()) {
            assert!(facts.docs.starts_with("https://"), "{}: docs", facts.slug);
            let base = facts.base_url;
            assert!(base.is_empty() || base.starts_with("https://") && !base.ends_with('/'), "{base}");
            assert!(base.is_empty() || !facts.key_env.is_empty(), "{}: key_env", facts.slug);
            for name in [facts.key_env, facts.base_env] {
                assert!(name.bytes().all(|b| b.is_ascii_uppercase() || b == b'_'), "{name}");
            }
        }
    }

    #[test]
    fn every_provider_is_found_by_its_slug() {
        assert!(ALL.iter().all(|p| find(p.facts().slug).is_some_and(|f| f.facts().slug == p.facts().slug)));
        assert!(find("nobody").is_none());
    }
}

//! What a deployment, and after it the environment, say of credentials.

use crate::{catalog::Entry, environment::Environment, secret::Secret};
use serde_json::Value;
use tianji_core::providers::Facts;

/// Credentials as they were given. Those of the environment belong to the vendor: they go to its own address, or where
/// its own variable points, and nowhere else.
pub struct Given<'a> {
    entry: &'a Entry,
    env: &'a Environment,
    facts: &'a Facts,
    /// The deployment is where its provider is, or there is no such place.
    home: bool,
}

impl<'a> Given<'a> {
    /// What is given for a deployment of this provider.
    pub fn new(entry: &'a Entry, facts: &'a Facts, env: &'a Environment) -> Self {
        let moved = ["api_base", "base_url"].iter().any(|name| entry.params.contains_key(*name));
        Self { entry, env, facts, home: !moved || facts.base_url.is_empty() }
    }

    /// The first of these that the deployment itself has.
    pub fn own(&self, names: &[&str]) -> Option<Secret> {
        let filled = |text: &str| (!text.is_empty()).then(|| Secret::new(text));
        names.iter().find_map(|name| {
            let secret = self.entry.secrets.get(*name).and_then(|secret| filled(secret.expose()));
            secret.or_else(|| filled(self.entry.params.get(*name).and_then(Value::as_str)?))
        })
    }

    /// The first of these variables that is set.
    pub fn env(&self, names: &[&str]) -> Option<Secret> {
        names.iter().find_map(|name| self.setting(name)).filter(|_| self.home).map(Secret::new)
    }

    /// A variable that is no credential, wherever the deployment is.
    pub fn setting(&self, name: &str) -> Option<&str> {
        self.env.get(name)
    }

    /// The usual key: the deployment's, or the vendor's from the environment.
    pub fn key(&self) -> Option<Secret> {
        self.own(&["api_key"]).or_else(|| self.env(&[self.facts.key_env]))
    }

    /// Where this deployment's tokens are issued, if it says so.
    pub fn token_url(&self) -> Option<String> {
        self.own(&["token_url"]).map(|url| url.expose().to_owned())
    }

    /// Requests go to the provider itself.
    pub fn is_home(&self) -> bool {
        self.home
    }
}

//! Which Envoys are connected and what they made of what they were sent.

use super::Kind;
use chrono::{DateTime, Utc};
use serde::Serialize;
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

/// A handle on the state of every connected Envoy; clones share it.
#[derive(Debug, Clone, Default)]
pub struct Status(Arc<Mutex<BTreeMap<u64, Envoy>>>);

/// One connected Envoy.
#[derive(Debug, Clone, PartialEq, Serialize, schemars::JsonSchema)]
pub struct Envoy {
    /// `node.id` of its bootstrap.
    pub node: String,
    /// When it connected.
    pub since: DateTime<Utc>,
    /// The version of the last snapshot that is wholly in force there.
    pub snapshot: Option<String>,
    /// What it refused, and has not been sent better since.
    pub rejected: BTreeMap<Kind, Rejection>,
}

/// A NACK: this version is not in force, the one before it is.
#[derive(Debug, Clone, PartialEq, Serialize, schemars::JsonSchema)]
pub struct Rejection {
    /// The refused version.
    pub version: String,
    /// Envoy's reason.
    pub message: String,
    /// When it said so.
    pub at: DateTime<Utc>,
}

impl Status {
    /// Every connected Envoy, the longest connected first.
    pub fn envoys(&self) -> Vec<Envoy> {
        self.lock().values().cloned().collect()
    }

    /// Puts an Envoy on the list for as long as the returned handle lives.
    pub(super) fn connect(&self, node: String, since: DateTime<Utc>) -> Connected {
        let mut all = self.lock();
        let id = all.last_key_value().map_or(0, |(id, _)| id + 1);
        all.insert(id, Envoy { node, since, snapshot: None, rejected: BTreeMap::new() });
        Connected { status: self.clone(), id }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<u64, Envoy>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One Envoy's place on the list.
pub(super) struct Connected {
    status: Status,
    id: u64,
}

impl Connected {
    pub fn note(&self, change: impl FnOnce(&mut Envoy)) {
        if let Some(envoy) = self.status.lock().get_mut(&self.id) {
            change(envoy);
        }
    }
}

impl Drop for Connected {
    fn drop(&mut self) {
        self.status.lock().remove(&self.id);
    }
}

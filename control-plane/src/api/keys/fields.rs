//! What a request can say about a key.

use super::view::EXTRA;
use crate::{
    api::patch::{Patch, filled, money, parsed, present, printable, set},
    error::{Error, Result},
    fault::Fault,
    keys,
    secret::Secret,
    store::keys::Key,
};
use chrono::{DateTime, TimeDelta, Utc};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value};
use sqlx::types::Json;

/// The settings of a key.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub(super) struct Fields {
    /// A name for people; unique.
    #[serde(deserialize_with = "present")]
    #[schemars(length(max = 256))]
    key_alias: Patch<String>,
    /// How long the key lives from now: `30s`, `30m`, `30h`, `30d`, `1mo`; `-1` or null for ever.
    #[serde(deserialize_with = "present")]
    #[schemars(length(max = 32))]
    duration: Patch<String>,
    /// Model names it may use; empty for all.
    #[serde(deserialize_with = "present")]
    #[schemars(length(max = 1000), inner(length(max = 256)))]
    models: Patch<Vec<String>>,
    /// US dollars already spent.
    #[serde(deserialize_with = "present")]
    spend: Patch<f64>,
    /// US dollars it may spend, per `budget_duration` if there is one.
    #[serde(deserialize_with = "present")]
    max_budget: Patch<f64>,
    /// When the budget starts anew: `1d` at midnight, `7d` on Monday, `30d` on the first (UTC).
    #[serde(deserialize_with = "present")]
    #[schemars(length(max = 32))]
    budget_duration: Patch<String>,
    /// Requests per minute.
    #[serde(deserialize_with = "present")]
    #[schemars(range(min = 0))]
    rpm_limit: Patch<i64>,
    /// Tokens per minute.
    #[serde(deserialize_with = "present")]
    #[schemars(range(min = 0))]
    tpm_limit: Patch<i64>,
    /// Requests at once.
    #[serde(deserialize_with = "present")]
    #[schemars(range(min = 0))]
    max_parallel_requests: Patch<i64>,
    /// The administrator's own notes.
    #[serde(deserialize_with = "present")]
    metadata: Patch<Map<String, Value>>,
    /// Refuse the key.
    #[serde(deserialize_with = "present")]
    blocked: Patch<bool>,
    /// Whose it is.
    #[serde(deserialize_with = "present")]
    #[schemars(length(max = 256))]
    user_id: Patch<String>,
    /// The team it belongs to.
    #[serde(deserialize_with = "present")]
    #[schemars(length(max = 256))]
    team_id: Patch<String>,
    /// The organization it belongs to, where that is not its team's.
    #[serde(deserialize_with = "present")]
    #[schemars(length(max = 256))]
    organization_id: Patch<String>,
    /// The budget that says what the key does not.
    #[serde(deserialize_with = "present")]
    #[schemars(length(max = 256))]
    budget_id: Patch<String>,
    /// Further fields of LiteLLM's are kept and shown.
    #[serde(flatten)]
    rest: Map<String, Value>,
}

/// `POST /key/generate`
#[derive(Deserialize, JsonSchema)]
pub(super) struct NewKey {
    /// The key itself, if it should not be a random one: `sk-` and letters, digits, `-`, `_`.
    #[schemars(length(max = 100))]
    key: Option<String>,
    #[serde(flatten)]
    fields: Fields,
}

/// `POST /key/update`
#[derive(Clone, Deserialize, JsonSchema)]
pub(super) struct ChangedKey {
    /// The key or its hash; without it, `key_alias` says which.
    #[schemars(length(max = 100))]
    pub key: Option<String>,
    #[serde(flatten)]
    fields: Fields,
}

/// `POST /key/delete`
#[derive(Deserialize, JsonSchema)]
pub(super) struct DeletedKeys {
    /// Keys or their hashes.
    #[schemars(length(max = 1000), inner(length(max = 100)))]
    pub keys: Option<Vec<String>>,
    /// Aliases, instead of `keys`.
    #[schemars(length(max = 1000), inner(length(max = 256)))]
    pub key_aliases: Option<Vec<String>>,
}

/// `POST /key/block`, `POST /key/unblock`
#[derive(Deserialize, JsonSchema)]
pub(super) struct ByKey {
    /// The key or its hash.
    #[schemars(length(max = 100))]
    pub key: String,
}

impl NewKey {
    /// The team it is to belong to.
    pub fn team(&self) -> Option<&str> {
        self.fields.team_id.as_ref()?.as_deref().filter(|team| !team.is_empty())
    }

    /// Whether it is to belong to a user.
    pub fn has_user(&self) -> bool {
        self.fields.user_id.iter().flatten().any(|user| !user.is_empty())
    }

    /// The key itself and its row.
    pub fn into_key(self, now: DateTime<Utc>, created_by: &str) -> Result<(Secret, Key)> {
        let mut faults = Vec::new();
        if self.key.as_deref().is_some_and(|key| !keys::is_well_formed(key)) {
            let message =
                "Invalid key format. It must start with 'sk-' and go on with letters, digits, '-' or '_'";
            faults.push(Fault::new("key", message));
        }
        let plain = self.key.map_or_else(keys::generate, |key| Ok(Secret::new(key)))?;
        let blank = Key {
            token: keys::hash(plain.expose()),
            key_name: keys::name(plain.expose()),
            key_alias: None,
            user_id: None,
            team_id: None,
            organization_id: None,
            budget_id: None,
            models: Json(Vec::new()),
            spend: 0.0,
            max_budget: None,
            budget_duration: None,
            budget_reset_at: None,
            rpm_limit: None,
            tpm_limit: None,
            max_parallel_requests: None,
            blocked: false,
            expires: None,
            metadata: Json(Map::new()),
            extra: Json(Map::new()),
            created_at: now,
            created_by: created_by.into(),
            updated_at: now,
        };
        let key = self.fields.applied(blank, now, &mut faults);
        if faults.is_empty() { Ok((plain, key)) } else { Err(Error::Invalid(faults)) }
    }
}

impl ChangedKey {
    /// The alias that names the key, where no key does.
    pub fn alias(&self) -> Option<&str> {
        self.fields.key_alias.as_ref()?.as_deref()
    }

    /// What becomes of the key.
    pub fn applied(&self, before: Key, now: DateTime<Utc>) -> Result<Key> {
        let mut faults = Vec::new();
        let updated_at = later(&before, now);
        let after = Key { updated_at, ..self.fields.clone().applied(before, now, &mut faults) };
        if faults.is_empty() { Ok(after) } else { Err(Error::Invalid(faults)) }
    }
}

/// When a key is changed: later than before in any case, for it is what tells one state of it from the next.
pub(super) fn later(before: &Key, now: DateTime<Utc>) -> DateTime<Utc> {
    now.max(before.updated_at + TimeDelta::microseconds(1))
}

impl Fields {
    /// Puts what was given into the key.
    fn applied(self, mut key: Key, now: DateTime<Utc>, faults: &mut Vec<Fault>) -> Key {
        for (name, field) in [
            ("key_alias", &self.key_alias),
            ("user_id", &self.user_id),
            ("team_id", &self.team_id),
            ("organization_id", &self.organization_id),
            ("budget_id", &self.budget_id),
        ] {
            printable(name, field.as_ref().and_then(Option::as_deref), faults);
        }
        set(&mut key.key_alias, self.key_alias.map(filled));
        set(&mut key.user_id, self.user_id.map(filled));
        set(&mut key.team_id, self.team_id.map(filled));
        set(&mut key.organization_id, self.organization_id.map(filled));
        set(&mut key.budget_id, self.budget_id.map(filled));
        set(&mut key.rpm_limit, self.rpm_limit);
        set(&mut key.tpm_limit, self.tpm_limit);
        set(&mut key.max_parallel_requests, self.max_parallel_requests);
        set(&mut key.models.0, self.models.map(Option::unwrap_or_default));
        set(&mut key.metadata.0, self.metadata.map(Option::unwrap_or_default));
        set(&mut key.blocked, self.blocked.map(Option::unwrap_or_default));
        money("max_budget", self.max_budget.flatten(), faults);
        money("spend", self.spend.flatten(), faults);
        set(&mut key.max_budget, self.max_budget);
        set(&mut key.spend, self.spend.flatten());
        if let Some(duration) = self.duration {
            let length = parsed("duration", duration.filter(|d| d != "-1"), faults);
            key.expires = length.map(|length| length.after(now));
        }
        if let Some(duration) = self.budget_duration {
            let length = parsed("budget_duration", duration.clone(), faults);
            // Given again, it does not start the period anew.
            if key.budget_duration != duration {
                key.budget_reset_at = length.map(|length| length.period_end(now));
            }
            key.budget_duration = duration;
        }
        for (name, value) in self.rest {
            if EXTRA.iter().any(|(known, _)| *known == name) {
                key.extra.0.insert(name, value);
            }
        }
        key
    }
}

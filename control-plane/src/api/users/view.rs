//! A user as it is shown.

use crate::{
    api::parties::{Bounded, Extras, shown},
    secret::Secret,
    store::{keys::Key, parties::Party},
};
use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};

/// Kept and shown, not acted on yet.
pub const EXTRAS: Extras = &[
    ("allowed_cache_controls", "[]"),
    ("guardrails", "null"),
    ("model_max_budget", "{}"),
    ("model_rpm_limit", "null"),
    ("model_tpm_limit", "null"),
    ("object_permission", "null"),
    ("permissions", "null"),
    ("policies", "[]"),
    ("sso_user_id", "null"),
];

/// What every answer shows of a user.
#[derive(Serialize, JsonSchema)]
pub struct User {
    pub user_id: String,
    user_email: Option<String>,
    user_alias: Option<String>,
    user_role: Option<String>,
    organization_id: Option<String>,
    /// Ids of the teams it is a member of.
    teams: Vec<String>,
    /// Empty for all.
    models: Vec<String>,
    blocked: bool,
    /// US dollars in the current budget period.
    spend: f64,
    #[serde(flatten)]
    bounded: Bounded,
    metadata: Map<String, Value>,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    /// Further fields of LiteLLM's.
    #[serde(flatten)]
    extra: Map<String, Value>,
}

impl User {
    pub fn new(user: Party, teams: Vec<String>) -> Self {
        Self {
            bounded: Bounded::from(&user),
            user_id: user.id,
            user_email: user.email,
            user_alias: user.alias,
            user_role: user.role,
            organization_id: user.organization_id,
            teams,
            models: user.models.0,
            blocked: user.blocked,
            spend: user.spend,
            metadata: user.metadata.0,
            created_at: user.created_at,
            updated_at: user.updated_at,
            extra: shown(EXTRAS, user.extra.0),
        }
    }
}

/// A new user, and its first key: the only answer that has the key itself.
#[derive(Serialize, JsonSchema)]
pub struct Created {
    /// Empty where no key was asked for.
    key: String,
    key_name: Option<String>,
    key_alias: Option<String>,
    /// Hexadecimal SHA-256 of the key.
    token: Option<String>,
    team_id: Option<String>,
    expires: Option<DateTime<Utc>>,
    #[serde(flatten)]
    user: User,
}

impl Created {
    pub fn new(user: User, key: Option<(Secret, Key)>) -> Self {
        let (plain, key) = key.unzip();
        Self {
            key: plain.map(|plain| plain.expose().to_owned()).unwrap_or_default(),
            key_name: key.as_ref().map(|key| key.key_name.clone()),
            key_alias: key.as_ref().and_then(|key| key.key_alias.clone()),
            token: key.as_ref().map(|key| key.token.clone()),
            team_id: key.as_ref().and_then(|key| key.team_id.clone()),
            expires: key.as_ref().and_then(|key| key.expires),
            user,
        }
    }
}

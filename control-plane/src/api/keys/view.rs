//! A key as it is shown: LiteLLM's fields, never the key itself.

use crate::{secret::Secret, store::keys::Key};
use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};

/// LiteLLM's fields that are kept and shown but not acted on yet, and what they are (as JSON) when nobody set them.
pub(super) const EXTRA: [(&str, &str); 38] = [
    ("access_group_ids", "[]"),
    ("agent_id", "null"),
    ("aliases", "{}"),
    ("allowed_cache_controls", "[]"),
    ("allowed_passthrough_routes", "null"),
    ("allowed_routes", "[]"),
    ("allowed_vector_store_indexes", "null"),
    ("auto_rotate", "false"),
    ("budget_fallbacks", "null"),
    ("budget_limits", "null"),
    ("config", "{}"),
    ("default_estimated_output_tokens", "null"),
    ("default_estimated_output_tokens_per_model", "null"),
    ("denied_passthrough_routes", "null"),
    ("disable_global_guardrails", "null"),
    ("enable_prompt_caching", "null"),
    ("end_user_budget_id", "null"),
    ("enforced_params", "null"),
    ("guardrails", "null"),
    ("key_type", "null"),
    ("mcp_rpm_limit", "null"),
    ("model_max_budget", "{}"),
    ("model_rpm_limit", "null"),
    ("model_tpm_limit", "null"),
    ("object_permission", "null"),
    ("permissions", "{}"),
    ("policies", "null"),
    ("project_id", "null"),
    ("prompts", "null"),
    ("rotation_interval", "null"),
    ("router_settings", "{}"),
    ("rpm_limit_type", "null"),
    ("soft_budget", "null"),
    ("tag_rpm_limit", "null"),
    ("tags", "null"),
    ("throttle_on_budget_exceeded", "null"),
    ("tpd_limit", "null"),
    ("tpm_limit_type", "null"),
];

/// What every answer shows of a key.
#[derive(Serialize, JsonSchema)]
struct Shown {
    /// `sk-...` and the last four characters.
    key_name: String,
    key_alias: Option<String>,
    user_id: Option<String>,
    team_id: Option<String>,
    organization_id: Option<String>,
    budget_id: Option<String>,
    /// Empty for all.
    models: Vec<String>,
    /// US dollars in the current budget period.
    spend: f64,
    max_budget: Option<f64>,
    budget_duration: Option<String>,
    budget_reset_at: Option<DateTime<Utc>>,
    rpm_limit: Option<i64>,
    tpm_limit: Option<i64>,
    max_parallel_requests: Option<i64>,
    blocked: bool,
    expires: Option<DateTime<Utc>>,
    metadata: Map<String, Value>,
    created_at: DateTime<Utc>,
    created_by: String,
    updated_at: DateTime<Utc>,
    /// Further fields of LiteLLM's.
    #[serde(flatten)]
    extra: Map<String, Value>,
}

impl From<Key> for Shown {
    fn from(key: Key) -> Self {
        let unset = |text: &str| serde_json::from_str(text).unwrap_or_default();
        let mut extra: Map<_, _> = EXTRA.iter().map(|(name, text)| ((*name).into(), unset(text))).collect();
        extra.extend(key.extra.0);
        Self {
            key_name: key.key_name,
            key_alias: key.key_alias,
            user_id: key.user_id,
            team_id: key.team_id,
            organization_id: key.organization_id,
            budget_id: key.budget_id,
            models: key.models.0,
            spend: key.spend,
            max_budget: key.max_budget,
            budget_duration: key.budget_duration,
            budget_reset_at: key.budget_reset_at,
            rpm_limit: key.rpm_limit,
            tpm_limit: key.tpm_limit,
            max_parallel_requests: key.max_parallel_requests,
            blocked: key.blocked,
            expires: key.expires,
            metadata: key.metadata.0,
            created_at: key.created_at,
            created_by: key.created_by,
            updated_at: key.updated_at,
            extra,
        }
    }
}

/// A key and its hash.
#[derive(Serialize, JsonSchema)]
pub struct Row {
    /// Hexadecimal SHA-256 of the key.
    token: String,
    #[serde(flatten)]
    shown: Shown,
}

impl Row {
    pub fn new(key: Key) -> Self {
        Self { token: key.token.clone(), shown: key.into() }
    }
}

/// A new key: the only answer that has the key itself.
#[derive(Serialize, JsonSchema)]
pub(super) struct Generated {
    /// The key. It is shown this once.
    key: String,
    /// Hexadecimal SHA-256 of the key; the same as `token`.
    token_id: String,
    #[serde(flatten)]
    row: Row,
}

impl Generated {
    pub fn new(plain: &Secret, key: Key) -> Self {
        Self { key: plain.expose().into(), token_id: key.token.clone(), row: Row::new(key) }
    }
}

/// A changed key.
#[derive(Serialize, JsonSchema)]
pub(super) struct Changed {
    /// As it was named in the request.
    key: String,
    #[serde(flatten)]
    row: Row,
}

impl Changed {
    pub fn new(named: String, key: Key) -> Self {
        Self { key: named, row: Row::new(key) }
    }
}

/// `GET /key/info`
#[derive(Serialize, JsonSchema)]
pub(super) struct Info {
    /// As it was named in the request.
    key: String,
    info: Details,
}

#[derive(Serialize, JsonSchema)]
struct Details {
    status: Status,
    #[serde(flatten)]
    shown: Shown,
}

/// Whether the key is let in.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Status {
    Active,
    Expired,
    Revoked,
}

impl Info {
    pub fn new(named: String, key: Key, now: DateTime<Utc>) -> Self {
        let status = match key.expires {
            _ if key.blocked => Status::Revoked,
            Some(end) if end < now => Status::Expired,
            _ => Status::Active,
        };
        Self { key: named, info: Details { status, shown: key.into() } }
    }
}

//! A team as it is shown.

use crate::{
    api::{
        keys::Row as KeyRow,
        parties::{Bounded, Extras, shown},
    },
    app::App,
    error::Result,
    store::parties::{Kind, Party},
};
use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};

/// Kept and shown, not acted on yet.
pub const EXTRAS: Extras = &[
    ("access_group_ids", "null"),
    ("allowed_passthrough_routes", "null"),
    ("budget_limits", "null"),
    ("default_team_member_models", "null"),
    ("disable_global_guardrails", "null"),
    ("guardrails", "null"),
    ("model_aliases", "null"),
    ("model_max_budget", "{}"),
    ("model_rpm_limit", "null"),
    ("model_tpm_limit", "null"),
    ("object_permission", "null"),
    ("policies", "null"),
    ("prompts", "null"),
    ("router_settings", "null"),
    ("rpm_limit_type", "null"),
    ("secret_manager_settings", "null"),
    ("tags", "null"),
    ("team_member_key_duration", "null"),
    ("team_member_permissions", "null"),
    ("tpd_limit", "null"),
    ("tpm_limit_type", "null"),
];

/// What a team's members can be allowed to do with its keys.
pub const PERMISSIONS: [&str; 11] = [
    "/key/generate",
    "/key/service-account/generate",
    "/key/update",
    "/key/delete",
    "/key/info",
    "/key/list",
    "/key/aliases",
    "/key/block",
    "/key/unblock",
    "/key/{key_id}/regenerate",
    "/key/health",
];

/// What they are allowed where nobody said otherwise.
const USUAL: [&str; 2] = ["/key/info", "/key/health"];

/// What every answer shows of a team.
#[derive(Serialize, JsonSchema)]
pub struct Team {
    team_id: String,
    team_alias: Option<String>,
    organization_id: Option<String>,
    /// Ids of the members who may manage it.
    admins: Vec<String>,
    /// Ids of all members.
    members: Vec<String>,
    members_with_roles: Vec<Member>,
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

/// One member.
#[derive(Serialize, JsonSchema)]
struct Member {
    user_id: String,
    user_email: Option<String>,
    /// `admin` or `user`.
    role: String,
}

impl Team {
    /// The team with its members.
    pub async fn of(app: &App, team: Party) -> Result<Self> {
        let mut members = Vec::new();
        for member in app.store.members(Kind::TeamMember, &team.id).await? {
            let user = app.store.party(Kind::User, &member.member, "").await?;
            let role = member.role.unwrap_or_else(|| "user".into());
            members.push(Member {
                user_id: member.member,
                user_email: user.and_then(|user| user.email),
                role,
            });
        }
        let admins =
            members.iter().filter(|member| member.role == "admin").map(|m| m.user_id.clone()).collect();
        Ok(Self {
            bounded: Bounded::from(&team),
            team_id: team.id,
            team_alias: team.alias,
            organization_id: team.organization_id,
            admins,
            members: members.iter().map(|member| member.user_id.clone()).collect(),
            members_with_roles: members,
            models: team.models.0,
            blocked: team.blocked,
            spend: team.spend,
            metadata: team.metadata.0,
            created_at: team.created_at,
            updated_at: team.updated_at,
            extra: shown(EXTRAS, team.extra.0),
        })
    }

    /// Its id.
    pub fn id(&self) -> &str {
        &self.team_id
    }
}

/// `GET /team/info`
#[derive(Serialize, JsonSchema)]
pub struct Info {
    pub team_id: String,
    pub team_info: Team,
    pub keys: Vec<KeyRow>,
    pub team_memberships: Vec<Membership>,
}

/// A user in a team, and its own limits there.
#[derive(Serialize, JsonSchema)]
pub struct Membership {
    user_id: String,
    team_id: String,
    role: Option<String>,
    /// US dollars in the current budget period.
    spend: f64,
    /// The budget that says what the membership does not.
    budget_id: Option<String>,
    /// Empty for all of the team's.
    allowed_models: Vec<String>,
    litellm_budget_table: Bounded,
}

impl From<Party> for Membership {
    fn from(member: Party) -> Self {
        Self {
            litellm_budget_table: Bounded::from(&member),
            user_id: member.member,
            team_id: member.id,
            role: member.role,
            spend: member.spend,
            budget_id: member.budget_id,
            allowed_models: member.models.0,
        }
    }
}

/// `POST /team/update`
#[derive(Serialize, JsonSchema)]
pub struct Changed {
    pub team_id: String,
    pub data: Team,
}

/// `GET /team/permissions_list`
#[derive(Serialize, JsonSchema)]
pub struct MemberPermissions {
    team_id: String,
    team_member_permissions: Vec<String>,
    all_available_permissions: Vec<String>,
}

impl MemberPermissions {
    pub fn of(team: &Party) -> Self {
        let set = team.extra.get("team_member_permissions").cloned();
        let set = set.and_then(|set| serde_json::from_value(set).ok());
        Self {
            team_id: team.id.clone(),
            team_member_permissions: set.unwrap_or_else(|| USUAL.map(str::to_owned).to_vec()),
            all_available_permissions: PERMISSIONS.map(str::to_owned).to_vec(),
        }
    }
}

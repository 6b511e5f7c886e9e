//! Whoever can be limited beside a key: users, teams, organizations, their members, customers and tags.

mod list;
mod scopes;

pub use list::{Filter, Page, SORTS};
pub use scopes::{Due, Scope};

use super::{Result, Store, on, tx::Tx, tx::within};
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::{Map, Value};
use sqlx::{FromRow, types::Json};

/// What a party is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A person or a service.
    User,
    /// A group that shares keys and limits.
    Team,
    /// A user in a team.
    TeamMember,
    /// A group of teams.
    Organization,
    /// A user in an organization.
    OrganizationMember,
    /// Who a client's request is for: LiteLLM's end user.
    Customer,
    /// A name that requests are counted under.
    Tag,
}

impl Kind {
    const ALL: [Self; 7] = [
        Self::User,
        Self::Team,
        Self::TeamMember,
        Self::Organization,
        Self::OrganizationMember,
        Self::Customer,
        Self::Tag,
    ];

    /// As it stands in the database.
    pub fn name(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Team => "team",
            Self::TeamMember => "team_member",
            Self::Organization => "organization",
            Self::OrganizationMember => "organization_member",
            Self::Customer => "customer",
            Self::Tag => "tag",
        }
    }
}

/// A row that a later version wrote.
#[derive(Debug, thiserror::Error)]
#[error("unknown kind of party: {0}")]
pub struct UnknownKind(String);

impl TryFrom<String> for Kind {
    type Error = UnknownKind;

    fn try_from(name: String) -> std::result::Result<Self, UnknownKind> {
        Self::ALL.into_iter().find(|kind| kind.name() == name).ok_or(UnknownKind(name))
    }
}

/// What a party or a budget says of limits; `None` does not bind.
#[derive(Debug, Clone, Default, PartialEq, FromRow, Serialize)]
pub struct Bounds {
    /// US dollars per budget period.
    pub max_budget: Option<f64>,
    /// US dollars after which somebody should be told.
    pub soft_budget: Option<f64>,
    /// As given: `30s`, `30d`, `1mo`.
    pub budget_duration: Option<String>,
    /// Requests per minute.
    pub rpm_limit: Option<i64>,
    /// Tokens per minute.
    pub tpm_limit: Option<i64>,
    /// Requests in flight at once.
    pub max_parallel_requests: Option<i64>,
}

/// One row of `party`.
#[derive(Debug, Clone, FromRow, PartialEq, Serialize)]
pub struct Party {
    /// What it is.
    #[sqlx(try_from = "String")]
    pub kind: Kind,
    /// Its id; of a member, the group's.
    pub id: String,
    /// Of a member, the user's id; else empty.
    pub member: String,
    /// A name for people.
    pub alias: Option<String>,
    /// A user's.
    pub email: Option<String>,
    /// A user's, or a member's within the group.
    pub role: Option<String>,
    /// The organization a team or a user belongs to.
    pub organization_id: Option<String>,
    /// The budget that says what `bounds` does not.
    pub budget_id: Option<String>,
    /// Model names it may use; empty for all.
    pub models: Json<Vec<String>>,
    /// Refused until it is unblocked.
    pub blocked: bool,
    /// US dollars in the current budget period.
    pub spend: f64,
    /// Its own limits.
    #[sqlx(flatten)]
    #[serde(flatten)]
    pub bounds: Bounds,
    /// When `spend` starts anew.
    pub budget_reset_at: Option<DateTime<Utc>>,
    /// The administrator's own notes.
    pub metadata: Json<Map<String, Value>>,
    /// Fields that are kept and shown but not acted on yet, by name.
    pub extra: Json<Map<String, Value>>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// Who made it.
    pub created_by: String,
    /// When its settings last changed; spending does not count.
    pub updated_at: DateTime<Utc>,
    /// Who changed them.
    pub updated_by: String,
}

impl Party {
    /// One that may do everything and has spent nothing.
    pub fn new(kind: Kind, id: impl Into<String>, now: DateTime<Utc>, by: &str) -> Self {
        Self {
            kind,
            id: id.into(),
            member: String::new(),
            alias: None,
            email: None,
            role: None,
            organization_id: None,
            budget_id: None,
            models: Json(Vec::new()),
            blocked: false,
            spend: 0.0,
            bounds: Bounds::default(),
            budget_reset_at: None,
            metadata: Json(Map::new()),
            extra: Json(Map::new()),
            created_at: now,
            created_by: by.into(),
            updated_at: now,
            updated_by: by.into(),
        }
    }

    /// Its name among all that can be limited: `team:core`, `team_member:["core","alice"]`.
    pub fn scope(&self) -> String {
        scope(self.kind, &self.id, &self.member)
    }
}

/// The name of a party among all that can be limited. No hash of a key looks like it.
pub fn scope(kind: Kind, id: &str, member: &str) -> String {
    if member.is_empty() {
        format!("{}:{id}", kind.name())
    } else {
        format!("{}:{}", kind.name(), Value::from(vec![id, member]))
    }
}

impl Store {
    /// One party; `member` is empty where it is no membership.
    pub async fn party(&self, kind: Kind, id: &str, member: &str) -> Result<Option<Party>> {
        const SQL: &str = "SELECT * FROM party WHERE kind = $1 AND id = $2 AND member = $3";
        on!(self, |pool| sqlx::query_as(SQL)
            .bind(kind.name())
            .bind(id)
            .bind(member)
            .fetch_optional(pool)
            .await)
    }

    /// The user with this address, whatever the case of its letters.
    pub async fn user_by_email(&self, email: &str) -> Result<Option<Party>> {
        const SQL: &str =
            "SELECT * FROM party WHERE kind = 'user' AND lower(email) = $1 ORDER BY created_at, id LIMIT 1";
        on!(self, |pool| sqlx::query_as(SQL).bind(email.to_lowercase()).fetch_optional(pool).await)
    }

    /// The members of a group, oldest first.
    pub async fn members(&self, kind: Kind, id: &str) -> Result<Vec<Party>> {
        const SQL: &str = "SELECT * FROM party WHERE kind = $1 AND id = $2 ORDER BY created_at, member";
        on!(self, |pool| sqlx::query_as(SQL).bind(kind.name()).bind(id).fetch_all(pool).await)
    }

    /// A user's memberships, oldest first.
    pub async fn memberships(&self, kind: Kind, user_id: &str) -> Result<Vec<Party>> {
        const SQL: &str = "SELECT * FROM party WHERE kind = $1 AND member = $2 ORDER BY created_at, id";
        on!(self, |pool| sqlx::query_as(SQL).bind(kind.name()).bind(user_id).fetch_all(pool).await)
    }

    /// The teams of an organization, oldest first.
    pub async fn teams_of(&self, organization_id: &str) -> Result<Vec<Party>> {
        const SQL: &str =
            "SELECT * FROM party WHERE kind = 'team' AND organization_id = $1 ORDER BY created_at, id";
        on!(self, |pool| sqlx::query_as(SQL).bind(organization_id).fetch_all(pool).await)
    }

    /// How many parties and keys are limited by a budget.
    pub async fn users_of_budget(&self, budget_id: &str) -> Result<i64> {
        const SQL: &str = "SELECT (SELECT COUNT(*) FROM party WHERE budget_id = $1)
            + (SELECT COUNT(*) FROM virtual_key WHERE budget_id = $1)";
        on!(self, |pool| sqlx::query_scalar(SQL).bind(budget_id).fetch_one(pool).await)
    }
}

impl Tx {
    /// Adds a party, which must be new: else a unique violation.
    pub(super) async fn insert_party(&mut self, party: &Party) -> Result<bool> {
        const SQL: &str = "
            INSERT INTO party (kind, id, member, alias, email, role, organization_id, budget_id, models, blocked,
              max_budget, soft_budget, budget_duration, rpm_limit, tpm_limit, max_parallel_requests, metadata, extra,
              updated_at, updated_by, spend, budget_reset_at, created_at, created_by)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21,
              $22, $23, $24)";
        within!(self, |connection| settings!(sqlx::query(SQL), party)
            .bind(party.spend)
            .bind(party.budget_reset_at)
            .bind(party.created_at)
            .bind(&party.created_by)
            .execute(connection)
            .await
            .map(|done| done.rows_affected() == 1))
    }

    /// Writes what became of the party `before`; `false` if somebody else has changed its settings in between. What the
    /// ledger keeps (`spend`, the end of the budget period) is written only where it differs from `before`.
    pub(super) async fn update_party(&mut self, before: &Party, after: &Party) -> Result<bool> {
        const SQL: &str = "
            UPDATE party SET alias = $4, email = $5, role = $6, organization_id = $7, budget_id = $8, models = $9,
              blocked = $10, max_budget = $11, soft_budget = $12, budget_duration = $13, rpm_limit = $14,
              tpm_limit = $15, max_parallel_requests = $16, metadata = $17, extra = $18, updated_at = $19,
              updated_by = $20,
              spend = CASE WHEN $21 THEN $22 ELSE spend END,
              budget_reset_at = CASE WHEN $23 THEN $24 ELSE budget_reset_at END
            WHERE kind = $1 AND id = $2 AND member = $3 AND updated_at = $25";
        within!(self, |connection| settings!(sqlx::query(SQL), after)
            .bind(before.spend.to_bits() != after.spend.to_bits())
            .bind(after.spend)
            .bind(before.budget_reset_at != after.budget_reset_at)
            .bind(after.budget_reset_at)
            .bind(before.updated_at)
            .execute(connection)
            .await
            .map(|done| done.rows_affected() == 1))
    }

    /// Deletes a party; `false` if there was none.
    pub(super) async fn delete_party(&mut self, party: &Party) -> Result<bool> {
        const SQL: &str = "DELETE FROM party WHERE kind = $1 AND id = $2 AND member = $3";
        within!(self, |connection| sqlx::query(SQL)
            .bind(party.kind.name())
            .bind(&party.id)
            .bind(&party.member)
            .execute(connection)
            .await
            .map(|done| done.rows_affected() == 1))
    }

    /// Keeps a team that is being deleted.
    pub(super) async fn keep_team(&mut self, party: &Party, id: &str, by: &super::writes::By) -> Result<()> {
        const SQL: &str = "
            INSERT INTO deleted_team (id, team_id, team_alias, organization_id, value, deleted_at, deleted_by,
              deleted_by_api_key)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
        let value = Json(serde_json::to_value(party).unwrap_or_default());
        within!(self, |connection| sqlx::query(SQL)
            .bind(id)
            .bind(&party.id)
            .bind(&party.alias)
            .bind(&party.organization_id)
            .bind(&value)
            .bind(by.at)
            .bind(&by.who)
            .bind(&by.key)
            .execute(connection)
            .await
            .map(drop))
    }
}

/// Binds a party's key and settings as `$1` to `$20`. A macro, for there is one type of query per driver.
macro_rules! settings {
    ($query:expr, $party:ident) => {
        $query
            .bind($party.kind.name())
            .bind(&$party.id)
            .bind(&$party.member)
            .bind(&$party.alias)
            .bind(&$party.email)
            .bind(&$party.role)
            .bind(&$party.organization_id)
            .bind(&$party.budget_id)
            .bind(&$party.models)
            .bind($party.blocked)
            .bind($party.bounds.max_budget)
            .bind($party.bounds.soft_budget)
            .bind(&$party.bounds.budget_duration)
            .bind($party.bounds.rpm_limit)
            .bind($party.bounds.tpm_limit)
            .bind($party.bounds.max_parallel_requests)
            .bind(&$party.metadata)
            .bind(&$party.extra)
            .bind($party.updated_at)
            .bind(&$party.updated_by)
    };
}
use settings;

#[cfg(test)]
mod tests;

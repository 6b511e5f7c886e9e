//! Parties as the data path sees them: what binds a key beside its own limits, and when that starts anew.

use super::{Bounds, Kind, Party};
use crate::store::{Result, Store, on};
use chrono::{DateTime, Utc};
use sqlx::FromRow;

/// A party with what its budget says where it says nothing itself.
#[derive(Debug, Clone, PartialEq)]
pub struct Scope {
    /// Its row; `bounds` are those in force.
    pub party: Party,
}

#[derive(FromRow)]
struct Joined {
    #[sqlx(flatten)]
    party: Party,
    b_max_budget: Option<f64>,
    b_budget_duration: Option<String>,
    b_rpm_limit: Option<i64>,
    b_tpm_limit: Option<i64>,
    b_parallel: Option<i64>,
}

impl From<Joined> for Scope {
    fn from(row: Joined) -> Self {
        let own = row.party.bounds.clone();
        // A duration belongs to the budget it stands beside.
        let duration = own.budget_duration.or(row.b_budget_duration);
        let bounds = Bounds {
            max_budget: own.max_budget.or(row.b_max_budget),
            soft_budget: own.soft_budget,
            budget_duration: duration,
            rpm_limit: own.rpm_limit.or(row.b_rpm_limit),
            tpm_limit: own.tpm_limit.or(row.b_tpm_limit),
            max_parallel_requests: own.max_parallel_requests.or(row.b_parallel),
        };
        Self { party: Party { bounds, ..row.party } }
    }
}

impl Scope {
    /// Its budget period, if it has ended or has not begun yet.
    pub fn due(&self, now: DateTime<Utc>) -> Option<Due> {
        let at = self.party.budget_reset_at;
        Some(Due {
            kind: self.party.kind,
            id: self.party.id.clone(),
            member: self.party.member.clone(),
            budget_duration: self.party.bounds.budget_duration.clone()?,
            budget_reset_at: at,
        })
        .filter(|_| at.is_none_or(|at| at <= now))
    }
}

/// A party whose budget period has ended, or has not begun yet.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct Due {
    /// What it is.
    #[sqlx(try_from = "String")]
    pub kind: Kind,
    /// Which.
    pub id: String,
    /// Which member.
    pub member: String,
    /// As given: `30s`, `30d`, `1mo`.
    pub budget_duration: String,
    /// When it ended.
    pub budget_reset_at: Option<DateTime<Utc>>,
}

impl Store {
    /// Everything that binds a key of this user, team and organization. Without an organization of its own, the team's.
    pub async fn scopes(
        &self,
        user: Option<&str>,
        team: Option<&str>,
        organization: Option<&str>,
    ) -> Result<Vec<Scope>> {
        const SQL: &str = "
            SELECT p.*, b.max_budget AS b_max_budget, b.budget_duration AS b_budget_duration,
              b.rpm_limit AS b_rpm_limit, b.tpm_limit AS b_tpm_limit, b.max_parallel_requests AS b_parallel
            FROM party p LEFT JOIN budget b ON b.budget_id = p.budget_id
            WHERE (p.kind = 'user' AND p.id = $1 AND p.member = '')
               OR (p.kind = 'team' AND p.id = $2 AND p.member = '')
               OR (p.kind = 'team_member' AND p.id = $2 AND p.member = $1)
               OR (p.kind = 'organization' AND p.member = '' AND p.id = COALESCE($3,
                    (SELECT t.organization_id FROM party t WHERE t.kind = 'team' AND t.id = $2 AND t.member = '')))
               OR (p.kind = 'organization_member' AND p.member = $1 AND p.id = COALESCE($3,
                    (SELECT t.organization_id FROM party t WHERE t.kind = 'team' AND t.id = $2 AND t.member = '')))
            ORDER BY p.kind, p.id, p.member";
        let rows: Vec<Joined> = on!(self, |pool| sqlx::query_as(SQL)
            .bind(user)
            .bind(team)
            .bind(organization)
            .fetch_all(pool)
            .await)?;
        Ok(rows.into_iter().map(Scope::from).collect())
    }

    /// A tag, as it binds what is counted under it.
    pub async fn tag_scope(&self, name: &str) -> Result<Option<Scope>> {
        const SQL: &str = "
            SELECT p.*, b.max_budget AS b_max_budget, b.budget_duration AS b_budget_duration,
              b.rpm_limit AS b_rpm_limit, b.tpm_limit AS b_tpm_limit, b.max_parallel_requests AS b_parallel
            FROM party p LEFT JOIN budget b ON b.budget_id = p.budget_id
            WHERE p.kind = 'tag' AND p.id = $1 AND p.member = ''";
        let row: Option<Joined> =
            on!(self, |pool| sqlx::query_as(SQL).bind(name).fetch_optional(pool).await)?;
        Ok(row.map(Scope::from))
    }

    /// The parties whose budget period has ended, at most `limit` of them.
    pub async fn due_parties(&self, now: DateTime<Utc>, limit: i64) -> Result<Vec<Due>> {
        const SQL: &str = "
            SELECT p.kind, p.id, p.member, COALESCE(p.budget_duration, b.budget_duration) AS budget_duration,
              p.budget_reset_at
            FROM party p LEFT JOIN budget b ON b.budget_id = p.budget_id
            WHERE COALESCE(p.budget_duration, b.budget_duration) IS NOT NULL
              AND (p.budget_reset_at IS NULL OR p.budget_reset_at <= $1)
            ORDER BY p.kind, p.id, p.member LIMIT $2";
        on!(self, |pool| sqlx::query_as(SQL).bind(now).bind(limit).fetch_all(pool).await)
    }

    /// Begins the next period, unless somebody else has. The first one begins with what was spent before it.
    pub async fn reset_party(&self, due: &Due, next: DateTime<Utc>) -> Result<bool> {
        const SQL: &str = "
            UPDATE party SET spend = CASE WHEN budget_reset_at IS NULL THEN spend ELSE 0 END, budget_reset_at = $5
            WHERE kind = $1 AND id = $2 AND member = $3
              AND (budget_reset_at = $4 OR ($4 IS NULL AND budget_reset_at IS NULL))";
        on!(self, |pool| sqlx::query(SQL)
            .bind(due.kind.name())
            .bind(&due.id)
            .bind(&due.member)
            .bind(due.budget_reset_at)
            .bind(next)
            .execute(pool)
            .await
            .map(|done| done.rows_affected() == 1))
    }
}

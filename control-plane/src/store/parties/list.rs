//! Lists of parties: filtered, sorted, a page at a time.

use super::{Kind, Party};
use crate::store::{Result, Store, containing, on};
use sqlx::FromRow;

/// Which parties to list; what is absent does not filter.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Exactly, like all but the next three.
    pub id: Option<String>,
    /// A part of the id, in any case.
    pub id_part: Option<String>,
    /// A part of the alias, in any case.
    pub alias: Option<String>,
    /// A part of the address, in any case.
    pub email: Option<String>,
    /// `internal_user`, …
    pub role: Option<String>,
    /// Of teams and users.
    pub organization_id: Option<String>,
    /// Of teams: only those this user is a member of.
    pub member: Option<String>,
}

/// Which part of the list, in which order.
#[derive(Debug, Clone, Copy)]
pub struct Page {
    /// Rows to skip.
    pub offset: i64,
    /// Rows to give.
    pub limit: i64,
    /// One of `SORTS`. Ties are broken by id.
    pub by: &'static str,
    /// Largest first.
    pub descending: bool,
}

/// The columns a list can be sorted by.
pub const SORTS: [&str; 8] =
    ["created_at", "updated_at", "id", "alias", "email", "role", "spend", "max_budget"];

#[derive(FromRow)]
struct Listed {
    #[sqlx(flatten)]
    party: Party,
    total: i64,
}

const SQL: &str = r"
    SELECT *, COUNT(*) OVER () AS total FROM party
    WHERE kind = $1
      AND ($2 IS NULL OR id = $2)
      AND ($3 IS NULL OR lower(id) LIKE $3 ESCAPE '\')
      AND ($4 IS NULL OR lower(alias) LIKE $4 ESCAPE '\')
      AND ($5 IS NULL OR lower(email) LIKE $5 ESCAPE '\')
      AND ($6 IS NULL OR role = $6)
      AND ($7 IS NULL OR organization_id = $7)
      AND ($8 IS NULL OR id IN (SELECT m.id FROM party m WHERE m.kind = 'team_member' AND m.member = $8))
    ORDER BY
      CASE WHEN $9 = 'created_at' AND $10 THEN created_at END DESC NULLS LAST,
      CASE WHEN $9 = 'created_at'         THEN created_at END NULLS LAST,
      CASE WHEN $9 = 'updated_at' AND $10 THEN updated_at END DESC NULLS LAST,
      CASE WHEN $9 = 'updated_at'         THEN updated_at END NULLS LAST,
      CASE WHEN $9 = 'alias'      AND $10 THEN alias      END DESC NULLS LAST,
      CASE WHEN $9 = 'alias'              THEN alias      END NULLS LAST,
      CASE WHEN $9 = 'email'      AND $10 THEN email      END DESC NULLS LAST,
      CASE WHEN $9 = 'email'              THEN email      END NULLS LAST,
      CASE WHEN $9 = 'role'       AND $10 THEN role       END DESC NULLS LAST,
      CASE WHEN $9 = 'role'               THEN role       END NULLS LAST,
      CASE WHEN $9 = 'spend'      AND $10 THEN spend      END DESC NULLS LAST,
      CASE WHEN $9 = 'spend'              THEN spend      END NULLS LAST,
      CASE WHEN $9 = 'max_budget' AND $10 THEN max_budget END DESC NULLS LAST,
      CASE WHEN $9 = 'max_budget'         THEN max_budget END NULLS LAST,
      CASE WHEN $10 THEN id END DESC NULLS LAST,
      id
    LIMIT $11 OFFSET $12";

impl Store {
    /// One page of the parties of this kind that match, and how many match in all.
    pub async fn parties(&self, kind: Kind, filter: &Filter, page: Page) -> Result<(Vec<Party>, i64)> {
        let rows = self.listed_parties(kind, filter, page).await?;
        let total = match rows.first() {
            Some(row) => row.total,
            // Past the end: the count came with no row.
            None if page.offset > 0 => {
                let first = self.listed_parties(kind, filter, Page { offset: 0, limit: 1, ..page }).await?;
                first.first().map_or(0, |row| row.total)
            }
            None => 0,
        };
        Ok((rows.into_iter().map(|row| row.party).collect(), total))
    }

    async fn listed_parties(&self, kind: Kind, filter: &Filter, page: Page) -> Result<Vec<Listed>> {
        on!(self, |pool| sqlx::query_as(SQL)
            .bind(kind.name())
            .bind(&filter.id)
            .bind(filter.id_part.as_deref().map(containing))
            .bind(filter.alias.as_deref().map(containing))
            .bind(filter.email.as_deref().map(containing))
            .bind(&filter.role)
            .bind(&filter.organization_id)
            .bind(&filter.member)
            .bind(page.by)
            .bind(page.descending)
            .bind(page.limit)
            .bind(page.offset)
            .fetch_all(pool)
            .await)
    }
}

//! The database: SQLite or Postgres, one SQL text for both.

pub mod audit;
pub mod budgets;
mod dialect;
pub mod keys;
pub mod leases;
pub mod ledger;
pub mod models;
pub mod parties;
pub mod periods;
pub mod spend;
#[cfg(test)]
pub(crate) mod testing;
mod tx;
pub mod writes;

pub use dialect::OpenError;
use sqlx::{PgPool, SqlitePool, migrate::MigrateError};

/// An open database.
#[derive(Clone)]
pub enum Store {
    /// One file, one connection. A transaction must not ask the pool for a second one: it would wait for itself.
    Sqlite(SqlitePool),
    /// Shared by any number of control planes.
    Postgres(PgPool),
}

/// Runs one expression on whichever pool is open. The body is compiled, and type-checked, once per driver.
macro_rules! on {
    ($store:expr, |$pool:ident| $body:expr) => {
        match $store {
            $crate::store::Store::Sqlite($pool) => $body,
            $crate::store::Store::Postgres($pool) => $body,
        }
    };
}
pub(crate) use on;

/// What a query can end in.
pub type Result<T> = std::result::Result<T, sqlx::Error>;

impl Store {
    /// Brings the tables up to date. Control planes starting together wait for one another.
    pub async fn migrate(&self) -> std::result::Result<(), MigrateError> {
        on!(self, |pool| sqlx::migrate!("../migrations").run(pool).await)
    }

    /// Whether the database answers.
    pub async fn ping(&self) -> Result<()> {
        on!(self, |pool| sqlx::query("SELECT 1").execute(pool).await.map(drop))
    }

    /// Closes all connections; an open SQLite file is checkpointed.
    pub async fn close(&self) {
        on!(self, |pool| pool.close().await);
    }
}

/// A `LIKE` pattern for texts that contain this one, in lower case.
fn containing(part: &str) -> String {
    let escaped = part.to_lowercase().replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
    format!("%{escaped}%")
}

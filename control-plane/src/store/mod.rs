//! The database: SQLite or Postgres, one SQL text for both.

pub mod budgets;
pub mod keys;
pub mod leases;
pub mod ledger;

use sqlx::{PgPool, SqlitePool};

/// An open database.
#[derive(Clone)]
pub enum Store {
    /// One file, one writer.
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

//! A transaction on whichever database is open.

use super::{Result, Store};
use sqlx::{Postgres, Sqlite, Transaction};

/// An open transaction; dropped without `commit`, nothing of it happened.
pub enum Tx {
    /// SQLite's one connection: nobody else writes meanwhile.
    Sqlite(Transaction<'static, Sqlite>),
    /// One of Postgres' connections.
    Postgres(Transaction<'static, Postgres>),
}

/// Runs one expression within whichever transaction is open.
macro_rules! within {
    ($tx:expr, |$connection:ident| $body:expr) => {
        match $tx {
            $crate::store::tx::Tx::Sqlite(tx) => {
                let $connection = &mut **tx;
                $body
            }
            $crate::store::tx::Tx::Postgres(tx) => {
                let $connection = &mut **tx;
                $body
            }
        }
    };
}
pub(crate) use within;

impl Store {
    /// Begins a transaction.
    pub(super) async fn begin(&self) -> Result<Tx> {
        Ok(match self {
            Self::Sqlite(pool) => Tx::Sqlite(pool.begin().await?),
            Self::Postgres(pool) => Tx::Postgres(pool.begin().await?),
        })
    }
}

impl Tx {
    /// All of it happened.
    pub(super) async fn commit(self) -> Result<()> {
        match self {
            Self::Sqlite(tx) => tx.commit().await,
            Self::Postgres(tx) => tx.commit().await,
        }
    }
}

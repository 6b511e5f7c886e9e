//! Databases for tests: SQLite in memory always, Postgres when `TEST_POSTGRES_URL` is set.

use super::{Store, writes::By};
use sqlx::{Connection, PgConnection, postgres::PgConnectOptions, postgres::PgPoolOptions};
use std::str::FromStr;

/// An empty, migrated database of every kind there is.
pub async fn stores() -> Vec<Store> {
    let mut stores = vec![sqlite().await];
    if let Ok(url) = std::env::var("TEST_POSTGRES_URL") {
        stores.push(postgres(&url).await);
    }
    stores
}

/// An empty, migrated SQLite database in memory.
pub async fn sqlite() -> Store {
    let store = Store::open("sqlite::memory:").await.unwrap();
    store.migrate().await.unwrap();
    store
}

/// An empty, migrated schema of its own.
async fn postgres(url: &str) -> Store {
    let schema = format!("test_{}", crate::keys::id().unwrap());
    let mut admin = PgConnection::connect(url).await.unwrap();
    sqlx::query(&format!("CREATE SCHEMA {schema}")).execute(&mut admin).await.unwrap();
    let options = PgConnectOptions::from_str(url).unwrap().options([("search_path", schema)]);
    let store = Store::Postgres(PgPoolOptions::new().max_connections(4).connect_with(options).await.unwrap());
    store.migrate().await.unwrap();
    store
}

/// Who changes things in tests.
pub fn by() -> By {
    By { who: "admin".into(), key: "5ea1".into(), at: chrono::DateTime::UNIX_EPOCH }
}

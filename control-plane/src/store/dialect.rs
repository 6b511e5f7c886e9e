//! The only place that knows which database it is: how each is opened.

use super::Store;
use sqlx::{
    Connection, PgConnection, PgPool, SqlitePool,
    postgres::PgPoolOptions,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};
use std::{str::FromStr, time::Duration};

/// How long a request waits for a connection, and a writer for another process's lock.
const PATIENCE: Duration = Duration::from_secs(5);
/// Connections one control plane holds to Postgres.
const POSTGRES_CONNECTIONS: u32 = 10;

/// Why a database could not be opened. Never shows the URL's password.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Neither of the two.
    #[error("the database URL must begin with sqlite: or postgres: (or be the path of an SQLite file)")]
    Scheme,
    /// The folder of the file.
    #[error("cannot make the folder {folder} for the database: {source}")]
    Folder {
        /// Which one.
        folder: String,
        /// Why not.
        source: std::io::Error,
    },
    /// The database itself.
    #[error("cannot open the database: {0}")]
    Database(#[from] sqlx::Error),
}

impl Store {
    /// Opens `sqlite:…`, `postgres://…` or the path of an SQLite file, which is made if it is missing.
    pub async fn open(url: &str) -> Result<Self, OpenError> {
        match url.split_once(':').map(|(scheme, _)| scheme) {
            Some("postgres" | "postgresql") => Ok(Self::Postgres(postgres(url).await?)),
            Some("sqlite") => Ok(Self::Sqlite(sqlite(SqliteConnectOptions::from_str(url)?).await?)),
            Some(_) if url.contains("://") => Err(OpenError::Scheme),
            _ if url.is_empty() => Err(OpenError::Scheme),
            _ => Ok(Self::Sqlite(sqlite(SqliteConnectOptions::new().filename(url)).await?)),
        }
    }
}

async fn postgres(url: &str) -> Result<PgPool, OpenError> {
    // Tried once by itself: the pool would try until its patience ends, and then only say that it timed out.
    PgConnection::connect(url).await?.close().await?;
    let pool = PgPoolOptions::new().max_connections(POSTGRES_CONNECTIONS).acquire_timeout(PATIENCE);
    Ok(pool.connect(url).await?)
}

async fn sqlite(options: SqliteConnectOptions) -> Result<SqlitePool, OpenError> {
    let file = options.get_filename();
    let memory =
        file.to_string_lossy().contains(":memory:") || file.to_string_lossy().contains("mode=memory");
    if let (false, Some(folder)) = (memory, file.parent().filter(|f| !f.as_os_str().is_empty())) {
        std::fs::create_dir_all(folder)
            .map_err(|source| OpenError::Folder { folder: folder.display().to_string(), source })?;
    }
    let options = options
        .create_if_missing(true)
        .foreign_keys(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Normal)
        // 512 KiB of pages: full within seconds of use, and memory is flat from then on. The system caches the file.
        .pragma("cache_size", "-512")
        .busy_timeout(PATIENCE);
    // One connection: SQLite has one writer at a time anyway, and a memory database lives as long as its connection.
    let pool = SqlitePoolOptions::new()
        .min_connections(1)
        .max_connections(1)
        .idle_timeout(None)
        .max_lifetime(None)
        .acquire_timeout(PATIENCE);
    Ok(pool.connect_with(options).await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_file_and_its_folder_are_made() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("new/tianji.db");
        for url in [path.display().to_string(), format!("sqlite://{}", path.display())] {
            let store = Store::open(&url).await.unwrap();
            store.migrate().await.unwrap();
            store.ping().await.unwrap();
            store.close().await;
        }
        assert!(path.exists());
    }

    #[tokio::test]
    async fn a_foreign_or_broken_url_is_named_without_its_password() {
        for url in ["mysql://root:secret@localhost/db", "", "postgres://u:secret@127.0.0.1:1/db"] {
            let error = Store::open(url).await.map(drop).unwrap_err().to_string();
            assert!(!error.contains("secret"), "{error}");
        }
    }
}

//! How the two databases are reached, with tables that are up to date.

use std::str::FromStr;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};
use sqlx::{Connection as _, PgConnection};

use super::patience;
use super::{StoreError, migrate};

/// A process that stands still in a transaction holds rows that others would pass over for as long as it stands. Half a
/// lease, in milliseconds; no transaction of ours waits for anything but the database.
const STANDSTILL: &str = "10000";

/// Many connections that read, and the one that writes.
pub(super) async fn sqlite(url: &str) -> Result<(SqlitePool, SqlitePool), StoreError> {
    let options = SqliteConnectOptions::from_str(url)
        .map_err(StoreError::Open)?
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        // A rotated refresh token that is lost cannot be made again: every commit reaches the disk.
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(Duration::from_secs(5));
    let writer = SqlitePoolOptions::new()
        .max_connections(1)
        .acquire_timeout(Duration::from_secs(10))
        .connect_with(options.clone())
        .await
        .map_err(StoreError::Open)?;
    migrate::sqlite().run(&writer).await?;
    let readers = SqlitePoolOptions::new()
        .max_connections(8)
        .acquire_timeout(Duration::from_secs(10))
        .connect_with(options.create_if_missing(false).read_only(true))
        .await
        .map_err(StoreError::Open)?;
    Ok((readers, writer))
}

/// At most so many connections at once.
pub(super) async fn postgres(url: &str, connections: u32) -> Result<PgPool, StoreError> {
    let options = PgConnectOptions::from_str(url).map_err(StoreError::Open)?;
    let options = options.application_name("hufu").options([
        ("idle_in_transaction_session_timeout", STANDSTILL),
        ("statement_timeout", patience::SERVERS_PATIENCE),
    ]);
    let pool = PgPoolOptions::new().max_connections(connections).acquire_timeout(Duration::from_secs(10));
    let pool = match patience::watch(pool, &options).connect_with(options.clone()).await {
        Ok(pool) => pool,
        Err(sqlx::Error::PoolTimedOut) => return Err(StoreError::Open(why_nobody_answers(&options).await)),
        Err(error) => return Err(StoreError::Open(error)),
    };
    migrate_postgres(&pool).await?;
    Ok(pool)
}

/// Tables may be changed for as long as that takes.
async fn migrate_postgres(pool: &PgPool) -> Result<(), StoreError> {
    let mut connection = pool.acquire().await?;
    sqlx::query("SET statement_timeout = 0").execute(&mut *connection).await?;
    migrate::postgres().run(&mut *connection).await?;
    sqlx::query("RESET statement_timeout").execute(&mut *connection).await?;
    Ok(())
}

/// A pool tells only that time is up; one connection more tells why.
async fn why_nobody_answers(options: &PgConnectOptions) -> sqlx::Error {
    match tokio::time::timeout(Duration::from_secs(2), PgConnection::connect_with(options)).await {
        Ok(Err(error)) => error,
        Ok(Ok(_)) | Err(_) => sqlx::Error::PoolTimedOut,
    }
}

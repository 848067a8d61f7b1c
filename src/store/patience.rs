//! Nobody waits for PostgreSQL for ever: a network may swallow everything without a word, and then only the kernel would
//! notice, a quarter of an hour later.

use std::future::Future;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use sqlx::Connection as _;
use sqlx::postgres::{PgConnectOptions, PgConnection, PgPoolOptions};

use crate::clock::Clock;

/// How long a statement, or some that belong together, may take. None of ours needs a tenth of it, and it is little beside
/// the life of a token.
pub(super) const PATIENCE: Duration = Duration::from_secs(30);
/// The server gives up a little earlier and says so, in milliseconds: nobody waits for what it would still do.
pub(super) const SERVERS_PATIENCE: &str = "25000";
/// How long a connection that does nothing may take to show that it lives.
const SIGN_OF_LIFE: Duration = Duration::from_secs(3);
/// How long it may take to get another one, and the pause before the next try.
const CONNECTING: Duration = Duration::from_secs(5);
const BETWEEN_TRIES: Duration = Duration::from_secs(1);
/// A connection that has shown it so lately is not asked again.
const LATELY: Duration = Duration::from_secs(1);

/// Waits for the database, but not for ever. What was asked may have been done all the same.
pub(super) async fn within<T>(
    patience: Duration,
    work: impl Future<Output = Result<T, sqlx::Error>>,
) -> Result<T, sqlx::Error> {
    tokio::time::timeout(patience, work).await.unwrap_or_else(|_| Err(too_late()))
}

pub(super) fn too_late() -> sqlx::Error {
    sqlx::Error::Io(io::Error::new(io::ErrorKind::TimedOut, "the database did not answer in time"))
}

/// A connection shows that it lives before it is used and when it is given back, and one that does not is exchanged for
/// another. sqlx asks for that as well, but waits for ever, and it waits for ever again when it closes a connection: over
/// TLS both sides take leave of each other. Its place in the pool would be lost.
pub(super) fn watch(pool: PgPoolOptions, options: &PgConnectOptions) -> PgPoolOptions {
    let options = Arc::new(options.clone());
    let again = Arc::clone(&options);
    pool.test_before_acquire(false)
        .before_acquire(move |connection, known| {
            let options = Arc::clone(&options);
            Box::pin(async move {
                if known.idle_for > LATELY && !lives(connection).await {
                    exchange(connection, &options).await?;
                }
                Ok(true)
            })
        })
        .after_release(move |connection, _| {
            let options = Arc::clone(&again);
            Box::pin(async move {
                if !lives(connection).await {
                    tracing::warn!("a connection to the database gave no sign of life");
                    while exchange(connection, &options).await.is_err() {
                        Clock::pause(BETWEEN_TRIES).await;
                    }
                }
                Ok(true)
            })
        })
}

async fn lives(connection: &mut PgConnection) -> bool {
    within(SIGN_OF_LIFE, connection.ping()).await.is_ok()
}

/// The dead one is dropped without a word.
async fn exchange(connection: &mut PgConnection, options: &PgConnectOptions) -> Result<(), sqlx::Error> {
    *connection = within(CONNECTING, PgConnection::connect_with(options)).await?;
    Ok(())
}

//! Nobody waits for PostgreSQL for ever: a network may swallow everything without a word, and then only the kernel would
//! notice, a quarter of an hour later.

use std::future::Future;
use std::io;
use std::time::Duration;

use sqlx::Connection as _;
use sqlx::postgres::PgPoolOptions;

/// How long a statement, or some that belong together, may take. None of ours needs a tenth of it, and it is little beside
/// the life of a token.
pub(super) const PATIENCE: Duration = Duration::from_secs(30);
/// The server gives up a little earlier and says so, in milliseconds: nobody waits for what it would still do.
pub(super) const SERVERS_PATIENCE: &str = "25000";
/// How long a connection that does nothing may take to show that it lives.
const SIGN_OF_LIFE: Duration = Duration::from_secs(3);
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

/// A connection shows that it lives before it is used and when it is given back. sqlx asks for that as well, but waits
/// for ever: dead connections would keep their places in the pool, each with a transaction that is never rolled back,
/// and each that lies idle would cost the whole time that there is for getting one.
pub(super) fn watch(pool: PgPoolOptions) -> PgPoolOptions {
    pool.test_before_acquire(false)
        .before_acquire(|connection, known| {
            Box::pin(async move {
                if known.idle_for > LATELY {
                    within(SIGN_OF_LIFE, connection.ping()).await?;
                }
                Ok(true)
            })
        })
        .after_release(|connection, _| {
            Box::pin(async move { within(SIGN_OF_LIFE, connection.ping()).await.map(|()| true) })
        })
}

//! Hears from PostgreSQL what other processes changed (`migrations/postgres/0010_tell_changes.sql`).

use sqlx::postgres::{PgListener, PgPool};

use super::db::Db;
use super::{Changes, Store, StoreError};

/// A connection that listens. What it hears goes to the store's [`Changes`].
pub struct Listener {
    inner: PgListener,
    changes: Changes,
}

impl Store {
    /// `None` on SQLite, where one process does all the writing.
    ///
    /// # Errors
    /// `Database` when no connection can be had.
    pub async fn listen(&self) -> Result<Option<Listener>, StoreError> {
        let Db::Postgres(pool, _) = &self.0 else { return Ok(None) };
        let channel = channel(pool).await?;
        let mut inner = PgListener::connect_with(pool).await?;
        inner.listen(&channel).await?;
        // Whatever was told while nobody listened is lost.
        self.changes().doubt_all();
        Ok(Some(Listener { inner, changes: self.changes().clone() }))
    }
}

impl Listener {
    /// Waits for the next change and passes it on; `false` when the connection is gone.
    pub async fn hear(&mut self) -> bool {
        let Ok(Some(said)) = self.inner.try_recv().await else { return false };
        match said.payload().split_once(' ') {
            Some(("authorizer" | "api_key", name)) => self.changes.tell(name),
            // A tenant's keys are not counted by tenant, and tenants change rarely.
            Some(_) | None => self.changes.tell_all(),
        }
        true
    }
}

async fn channel(pool: &PgPool) -> Result<String, StoreError> {
    let (schema,): (String,) = sqlx::query_as("SELECT left(current_schema(), 50)").fetch_one(pool).await?;
    Ok(format!("hufu_{schema}"))
}

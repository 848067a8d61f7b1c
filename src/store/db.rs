//! Two typed databases behind one pair of transactions, [`Reader`] and [`Writer`], and the macro `on!` that runs one
//! query text on either. SQLite gets a single writing connection (`BEGIN IMMEDIATE`) and many read-only ones, because
//! deferred transactions fail under load; PostgreSQL gets one pool.

use std::ops::{Deref, DerefMut};
use std::time::Duration;

use sqlx::postgres::PgPool;
use sqlx::sqlite::SqlitePool;
use sqlx::{Postgres, Sqlite, Transaction};

use crate::domain::ids::TenantId;

use super::patience::{self, within};
use super::{Changes, StoreError, connect};

/// What [`Store::connect`] takes of a PostgreSQL server.
const CONNECTIONS: u32 = 20;

/// The database. Clones share its connections.
#[derive(Clone, Debug)]
pub struct Store(pub(super) Db, Changes);

#[derive(Clone, Debug)]
pub(super) enum Db {
    Sqlite {
        readers: SqlitePool,
        writer: SqlitePool,
    },
    /// With the time that one statement may take.
    Postgres(PgPool, Duration),
}

/// A transaction that reads. Ends by itself when it is dropped.
pub struct Reader(pub(super) Tx, Wall);

/// Whether other tenants' rows are out of sight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wall {
    None,
    AroundATenant,
}

/// A transaction that writes. Nothing lasts without [`Writer::commit`].
pub struct Writer(Reader, Told);

/// What a transaction changes that others keep in memory; told when it commits.
struct Told {
    changes: Changes,
    names: Vec<String>,
    all: bool,
    /// Data keys that this transaction made: nobody knows yet whether they last.
    keys: Vec<String>,
}

pub(super) enum Tx {
    Sqlite(Transaction<'static, Sqlite>),
    /// With the time that one statement may take.
    Postgres(Transaction<'static, Postgres>, Duration),
}

/// Runs one expression on whichever connection the transaction holds: `on!(tx, |c| query.execute(c).await)`.
macro_rules! on {
    ($tx:expr, |$c:ident| $body:expr) => {
        match &mut $tx.0 {
            $crate::store::db::Tx::Sqlite(tx) => {
                let $c = &mut **tx;
                $body
            }
            $crate::store::db::Tx::Postgres(tx, _) => {
                let $c = &mut **tx;
                $body
            }
        }
    };
}

impl Store {
    /// Connects and brings the tables up to date.
    ///
    /// # Errors
    /// `BadUrl` for an unknown kind of URL, `Database` or `Migrate` when the database refuses.
    pub async fn connect(url: &str) -> Result<Self, StoreError> {
        Self::connect_with(url, CONNECTIONS).await
    }

    /// As `connect`, with at most so many connections at once. SQLite has its own number.
    ///
    /// # Errors
    /// As `connect`.
    pub async fn connect_with(url: &str, connections: u32) -> Result<Self, StoreError> {
        let db = if url.starts_with("sqlite:") {
            let (readers, writer) = connect::sqlite(url).await?;
            Db::Sqlite { readers, writer }
        } else if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            Db::Postgres(connect::postgres(url, connections).await?, patience::PATIENCE)
        } else {
            let kind = url.split_once(':').map_or("", |(kind, _)| kind);
            return Err(StoreError::BadUrl(format!("{kind}:…")));
        };
        Ok(Self(db, Changes::default()))
    }

    /// With another time that one statement may take on PostgreSQL, for a test that cannot wait.
    #[must_use]
    pub fn with_patience(mut self, span: Duration) -> Self {
        if let Db::Postgres(_, patience) = &mut self.0 {
            *patience = span;
        }
        self
    }

    /// # Errors
    /// `Database` when no connection can be had.
    pub async fn read(&self) -> Result<Reader, StoreError> {
        let tx = match &self.0 {
            Db::Sqlite { readers, .. } => Tx::Sqlite(readers.begin().await?),
            Db::Postgres(pool, patience) => Tx::Postgres(within(*patience, pool.begin()).await?, *patience),
        };
        Ok(Reader(tx, Wall::None))
    }

    /// Reads for a member or a program of one tenant. On PostgreSQL the rows of others do not exist in it, even for a
    /// query that forgets to name the tenant (`migrations/postgres/0028_tenant_wall.sql`); SQLite has no such wall.
    ///
    /// # Errors
    /// `Database` when no connection can be had.
    pub async fn read_for(&self, tenant: &TenantId) -> Result<Reader, StoreError> {
        let mut tx = self.read().await?;
        tx.wall_in(tenant).await?;
        Ok(tx)
    }

    /// Writes for a member of one tenant, behind the same wall.
    ///
    /// # Errors
    /// `Database` when no connection can be had.
    pub async fn write_for(&self, tenant: &TenantId) -> Result<Writer, StoreError> {
        let mut tx = self.write().await?;
        tx.wall_in(tenant).await?;
        Ok(tx)
    }

    /// On SQLite this waits for its turn: one writer at a time.
    ///
    /// # Errors
    /// `Database` when no connection can be had.
    pub async fn write(&self) -> Result<Writer, StoreError> {
        let tx = match &self.0 {
            Db::Sqlite { writer, .. } => Tx::Sqlite(writer.begin_with("BEGIN IMMEDIATE").await?),
            Db::Postgres(pool, patience) => Tx::Postgres(within(*patience, pool.begin()).await?, *patience),
        };
        Ok(Writer(
            Reader(tx, Wall::None),
            Told { changes: self.1.clone(), names: Vec::new(), all: false, keys: Vec::new() },
        ))
    }

    /// What changed lately, for those who keep rows in memory.
    pub const fn changes(&self) -> &Changes {
        &self.1
    }

    /// Waits for some statements of one transaction, but on PostgreSQL not for ever: the network may swallow the answer.
    /// What was asked may have been done all the same.
    ///
    /// # Errors
    /// As `work`, and `Database` when it takes too long.
    pub async fn in_time<T>(
        &self,
        work: impl Future<Output = Result<T, StoreError>>,
    ) -> Result<T, StoreError> {
        // Boxed: what is wrapped once more is moved once more, and such work is large.
        let work = Box::pin(work);
        match &self.0 {
            Db::Sqlite { .. } => work.await,
            Db::Postgres(_, patience) => tokio::time::timeout(*patience, work)
                .await
                .unwrap_or_else(|_| Err(patience::too_late().into())),
        }
    }

    /// Whether several processes may share this database.
    pub const fn is_shared(&self) -> bool {
        matches!(self.0, Db::Postgres(..))
    }

    /// Closes every connection; SQLite folds its log back into the file.
    pub async fn close(&self) {
        match &self.0 {
            Db::Sqlite { readers, writer } => {
                readers.close().await;
                writer.close().await;
            }
            // Each connection takes its leave, which one that is cut off waits for.
            Db::Postgres(pool, patience) => {
                let _ = tokio::time::timeout(*patience, pool.close()).await;
            }
        }
    }
}

impl Reader {
    /// One statement, which ends with the transaction.
    async fn wall_in(&mut self, tenant: &TenantId) -> Result<(), StoreError> {
        if let Tx::Postgres(tx, patience) = &mut self.0 {
            let query = sqlx::query(
                "SELECT set_config('role', 'hufu_tenant', true), set_config('hufu.tenant', $1, true)",
            );
            within(*patience, query.bind(tenant.as_str()).execute(&mut **tx)).await?;
            self.1 = Wall::AroundATenant;
        }
        Ok(())
    }

    /// Lets a writing function of this floor look past the wall for what is counted across tenants, such as the next
    /// number of a sequence; [`Self::restore_wall`] comes right after. When something fails in between, the transaction
    /// has failed.
    pub(super) async fn lift_wall(&mut self) -> Result<(), StoreError> {
        self.take_role("none").await
    }

    pub(super) async fn restore_wall(&mut self) -> Result<(), StoreError> {
        self.take_role("hufu_tenant").await
    }

    async fn take_role(&mut self, role: &'static str) -> Result<(), StoreError> {
        if let (Tx::Postgres(tx, patience), Wall::AroundATenant) = (&mut self.0, self.1) {
            let query = sqlx::query("SELECT set_config('role', $1, true)").bind(role);
            within(*patience, query.execute(&mut **tx)).await?;
        }
        Ok(())
    }

    /// The one difference in query text: what a claiming select ends with. Where it has a `LIMIT` it stands in
    /// `WITH … AS MATERIALIZED`: PostgreSQL may run a plain sub-select again for each row and take more than the limit.
    pub(super) const fn skip_locked(&self) -> &'static str {
        match self.0 {
            Tx::Sqlite(_) => "",
            Tx::Postgres(..) => " FOR UPDATE SKIP LOCKED",
        }
    }
}

impl Writer {
    /// Makes everything last.
    ///
    /// # Errors
    /// `Database` when the database refuses; nothing has changed then.
    pub async fn commit(self) -> Result<(), StoreError> {
        match self.0.0 {
            Tx::Sqlite(tx) => tx.commit().await?,
            Tx::Postgres(tx, patience) => within(patience, tx.commit()).await?,
        }
        if self.1.all {
            self.1.changes.tell_all();
        }
        for name in &self.1.names {
            self.1.changes.tell(name);
        }
        Ok(())
    }

    /// What is kept in memory under this name is not true any more once this commits.
    pub(super) fn tell(&mut self, name: &str) {
        self.1.names.push(name.to_owned());
    }

    /// Nothing that is kept in memory is true any more once this commits.
    pub(super) fn tell_all(&mut self) {
        self.1.all = true;
    }

    pub(super) fn made_key(&mut self, id: &str) {
        self.1.keys.push(id.to_owned());
    }

    pub(super) fn has_made_key(&self, id: &str) -> bool {
        self.1.keys.iter().any(|made| made == id)
    }
}

impl Deref for Writer {
    type Target = Reader;
    fn deref(&self) -> &Reader {
        &self.0
    }
}

impl DerefMut for Writer {
    fn deref_mut(&mut self) -> &mut Reader {
        &mut self.0
    }
}

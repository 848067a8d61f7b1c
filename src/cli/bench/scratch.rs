//! The database of a bench: made for it, filled past the store with statements that no program should have, and gone
//! afterwards.

use std::path::Path;

use sqlx::{AssertSqlSafe, Connection as _, PgConnection, SqliteConnection};
use url::Url;

use crate::config::DatabaseUrl;
use crate::random::Random;

use super::super::failure::Failure;
use super::super::folder::Folder;

/// A folder for files, and a database that nobody else uses.
pub(super) struct Scratch {
    folder: Folder,
    pub(super) url: DatabaseUrl,
    /// The server that the database is to be dropped on, and its name there.
    server: Option<(String, String)>,
}

impl Scratch {
    /// A temporary SQLite file, or a new database on the PostgreSQL server that `server` names.
    pub(super) async fn make(server: Option<&str>) -> Result<Self, Failure> {
        let folder = Folder::make("hufu-bench")?;
        let Some(server) = server.filter(|url| !url.starts_with("sqlite:")) else {
            let url = DatabaseUrl::new(format!("sqlite:{}", folder.path().join("hufu.sqlite").display()));
            return Ok(Self { folder, url, server: None });
        };
        let mut url = Url::parse(server).map_err(|_| Failure::usage("--database-url: this is no address"))?;
        let name = format!("hufu_bench_{}", Random::system().base62(12).to_lowercase());
        let mut connection = PgConnection::connect(server).await.map_err(Failure::other)?;
        execute_on(&mut connection, format!("CREATE DATABASE {name}")).await?;
        url.set_path(&name);
        let server = Some((server.to_owned(), name));
        Ok(Self { folder, url: DatabaseUrl::new(url.as_str()), server })
    }

    pub(super) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// `sqlite` or `postgres`, with what makes its commits last.
    pub(super) const fn describe(&self) -> &'static str {
        if self.server.is_some() {
            "postgres (synchronous_commit as the server has it)"
        } else {
            "sqlite (WAL, synchronous FULL)"
        }
    }

    pub(super) const fn is_postgres(&self) -> bool {
        self.server.is_some()
    }

    /// A connection past the store.
    pub(super) async fn connect(&self) -> Result<Raw, Failure> {
        let url = self.url.expose();
        Ok(if self.is_postgres() {
            Raw::Postgres(PgConnection::connect(url).await.map_err(Failure::other)?)
        } else {
            Raw::Sqlite(SqliteConnection::connect(url).await.map_err(Failure::other)?)
        })
    }

    /// Bytes on the disk.
    pub(super) async fn bytes(&self) -> Result<u64, Failure> {
        let mut raw = self.connect().await?;
        let sql = if self.is_postgres() {
            "SELECT pg_database_size(current_database())"
        } else {
            "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()"
        };
        raw.number(sql.to_owned()).await
    }

    /// Drops the database, whoever is still connected to it.
    pub(super) async fn discard(self) -> Result<(), Failure> {
        let Some((server, name)) = self.server else { return Ok(()) };
        let mut connection = PgConnection::connect(&server).await.map_err(Failure::other)?;
        execute_on(&mut connection, format!("DROP DATABASE {name} WITH (FORCE)")).await
    }
}

async fn execute_on(connection: &mut PgConnection, sql: String) -> Result<(), Failure> {
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(connection).await.map_err(Failure::other)?;
    Ok(())
}

/// One connection that runs any text. Benches build their own texts; nothing of people's is ever in them.
pub(super) enum Raw {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

impl Raw {
    pub(super) async fn execute(&mut self, sql: String) -> Result<(), Failure> {
        let sql = AssertSqlSafe(sql);
        match self {
            Self::Sqlite(connection) => sqlx::raw_sql(sql).execute(connection).await.map(|_| ()),
            Self::Postgres(connection) => sqlx::raw_sql(sql).execute(connection).await.map(|_| ()),
        }
        .map_err(Failure::other)
    }

    /// Rows of three numbers.
    pub(super) async fn triples(&mut self, sql: String) -> Result<Vec<(i64, i64, i64)>, Failure> {
        let sql = AssertSqlSafe(sql);
        match self {
            Self::Sqlite(connection) => sqlx::query_as(sql).fetch_all(connection).await,
            Self::Postgres(connection) => sqlx::query_as(sql).fetch_all(connection).await,
        }
        .map_err(Failure::other)
    }

    /// The one number that a query answers with.
    pub(super) async fn number(&mut self, sql: String) -> Result<u64, Failure> {
        let sql = AssertSqlSafe(sql);
        let (number,): (i64,) = match self {
            Self::Sqlite(connection) => sqlx::query_as(sql).fetch_one(connection).await,
            Self::Postgres(connection) => sqlx::query_as(sql).fetch_one(connection).await,
        }
        .map_err(Failure::other)?;
        Ok(u64::try_from(number).unwrap_or(0))
    }
}

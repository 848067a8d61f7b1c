//! Fresh databases. Each test gets its own: a file of its own on SQLite, a schema of its own on PostgreSQL (measured
//! against a database of its own from a template: as fast to make, four times as fast to drop).

use std::future::Future;
use std::io::Write as _;
use std::panic::AssertUnwindSafe;

use futures_util::FutureExt as _;
use hufu::clock::{Clock, Timestamp};
use hufu::random::Random;
use hufu::store::Store;
use sqlx::{Connection as _, Executor as _, PgConnection, SqliteConnection};
use tempfile::TempDir;
use tokio::sync::OnceCell;

const PREFIX: &str = "hufu_test_";
/// A schema this old was left behind by a run that was killed.
const ABANDONED: u64 = 3600;

/// Makes one test body two tests, `name::on_sqlite` and `name::on_postgres`:
/// `on_both_databases!(a_ticket_is_kept, |db| async { … db.store() … });`
macro_rules! on_both_databases {
    ($name:ident, |$db:ident| $body:expr) => {
        async fn $name($db: $crate::harness::Database) {
            $body.await;
        }

        mod $name {
            #[tokio::test]
            async fn on_sqlite() {
                $crate::harness::run($crate::harness::Kind::Sqlite, super::$name).await;
            }

            #[tokio::test]
            async fn on_postgres() {
                $crate::harness::run($crate::harness::Kind::Postgres, super::$name).await;
            }
        }
    };
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Sqlite,
    Postgres,
}

/// An empty, migrated database that nobody else uses. Clones are the same database.
#[derive(Clone, Debug)]
pub(crate) struct Database {
    pub(crate) kind: Kind,
    url: String,
    store: Store,
}

impl Database {
    pub(crate) fn store(&self) -> &Store {
        &self.store
    }

    /// Where another process, or a second `Store`, finds the same database.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// As [`Self::execute`], of a text that a test has put together.
    pub(crate) async fn execute_text(&self, statement: String) {
        let statement = sqlx::AssertSqlSafe(statement);
        match self.kind {
            Kind::Sqlite => SqliteConnection::connect(&self.url)
                .await
                .unwrap()
                .execute(statement)
                .await
                .unwrap()
                .rows_affected(),
            Kind::Postgres => PgConnection::connect(&self.url)
                .await
                .unwrap()
                .execute(statement)
                .await
                .unwrap()
                .rows_affected(),
        };
    }

    /// The first column of every row, for what no store function tells.
    pub(crate) async fn texts(&self, query: &str) -> Vec<String> {
        let query = sqlx::AssertSqlSafe(query.to_owned());
        match self.kind {
            Kind::Sqlite => {
                let mut connection = SqliteConnection::connect(&self.url).await.unwrap();
                sqlx::query_scalar(query).fetch_all(&mut connection).await.unwrap()
            }
            Kind::Postgres => {
                let mut connection = PgConnection::connect(&self.url).await.unwrap();
                sqlx::query_scalar(query).fetch_all(&mut connection).await.unwrap()
            }
        }
    }

    /// Every column there is, as `(table, column)`.
    pub(crate) async fn columns(&self) -> Vec<(String, String)> {
        let named = self.texts(match self.kind {
            Kind::Sqlite => {
                "SELECT m.name || '/' || c.name FROM sqlite_master AS m JOIN pragma_table_info(m.name) AS c \
                 WHERE m.type = 'table'"
            }
            Kind::Postgres => {
                "SELECT table_name || '/' || column_name FROM information_schema.columns \
                 WHERE table_schema = current_schema()"
            }
        });
        let split = |name: &String| {
            let (table, column) = name.split_once('/').unwrap();
            (table.to_owned(), column.to_owned())
        };
        named.await.iter().map(split).collect()
    }

    /// Runs a statement past the store, for what the store itself never does.
    pub(crate) async fn execute(&self, statement: &'static str) -> Result<u64, sqlx::Error> {
        Ok(match self.kind {
            Kind::Sqlite => {
                SqliteConnection::connect(&self.url).await?.execute(statement).await?.rows_affected()
            }
            Kind::Postgres => {
                PgConnection::connect(&self.url).await?.execute(statement).await?.rows_affected()
            }
        })
    }
}

/// Runs a test body on a fresh database, which is gone afterwards also when the body panics.
pub(crate) async fn run<F, T>(kind: Kind, body: F)
where
    F: FnOnce(Database) -> T,
    T: Future<Output = ()>,
{
    super::leaks::watch();
    let outcome = match kind {
        Kind::Sqlite => {
            let dir = TempDir::new().unwrap();
            let url = format!("sqlite:{}", dir.path().join("hufu.sqlite").display());
            run_at(kind, url, body).await
        }
        Kind::Postgres => {
            let Some(server) = postgres().await else { return };
            let schema = format!("{PREFIX}{}", Random::system().id(Clock::system().now()).to_lowercase());
            execute(server, &format!("CREATE SCHEMA {schema}")).await;
            let separator = if server.contains('?') { '&' } else { '?' };
            let url = format!("{server}{separator}options=-c%20search_path%3D{schema}");
            let outcome = run_at(kind, url, body).await;
            execute(server, &format!("DROP SCHEMA {schema} CASCADE")).await;
            outcome
        }
    };
    if let Err(panic) = outcome {
        std::panic::resume_unwind(panic);
    }
}

async fn run_at<F, T>(kind: Kind, url: String, body: F) -> std::thread::Result<()>
where
    F: FnOnce(Database) -> T,
    T: Future<Output = ()>,
{
    let store = Store::connect(&url).await.expect("a fresh database");
    let outcome = AssertUnwindSafe(body(Database { kind, url, store: store.clone() })).catch_unwind().await;
    store.close().await;
    outcome
}

/// The URL of the server for tests; `None`, said loudly and a failure in CI, when it does not answer.
async fn postgres() -> Option<&'static str> {
    static SERVER: OnceCell<Option<String>> = OnceCell::const_new();
    let server = SERVER.get_or_init(|| async {
        let url = std::env::var("HUFU_TEST_POSTGRES_URL")
            .unwrap_or_else(|_| "postgres://postgres@127.0.0.1:5432/postgres".to_owned());
        match PgConnection::connect(&url).await {
            Ok(connection) => {
                forget_abandoned_schemas(connection).await;
                Some(url)
            }
            Err(error) => {
                // Not eprintln!: the test runner would swallow it.
                let notice = format!("\n\n  SKIPPED: PostgreSQL tests, {url} does not answer: {error}\n\n");
                std::io::stderr().write_all(notice.as_bytes()).unwrap();
                None
            }
        }
    });
    let server = server.await.as_deref();
    assert!(server.is_some() || std::env::var_os("CI").is_none(), "CI is set and PostgreSQL does not answer");
    server
}

async fn forget_abandoned_schemas(mut connection: PgConnection) {
    let names: Vec<(String,)> =
        sqlx::query_as("SELECT nspname::text FROM pg_namespace WHERE nspname LIKE 'hufu\\_test\\_%'")
            .fetch_all(&mut connection)
            .await
            .unwrap();
    let now = Clock::system().now();
    for (name,) in names {
        let made_at = i64::from_str_radix(name.get(PREFIX.len()..PREFIX.len() + 10).unwrap_or("x"), 16);
        if made_at.is_ok_and(|at| now.since(Timestamp::from_unix(at)).as_secs() > ABANDONED) {
            // Another run may be cleaning up the same one.
            let drop = format!("DROP SCHEMA IF EXISTS {name} CASCADE");
            connection.execute(sqlx::AssertSqlSafe(drop)).await.ok();
        }
    }
}

async fn execute(server: &str, statement: &str) {
    let mut connection = PgConnection::connect(server).await.unwrap();
    connection.execute(sqlx::AssertSqlSafe(statement.to_owned())).await.unwrap();
    connection.close().await.unwrap();
}

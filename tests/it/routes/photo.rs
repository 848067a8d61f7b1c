//! Every row of every table as it is at a moment, so that a request that was refused can be shown to have left nothing.

use std::collections::{BTreeMap, BTreeSet};

use sqlx::{AssertSqlSafe, Connection as _, PgConnection, SqliteConnection};

use crate::harness::{Database, Kind};

/// Columns that also a refused request may touch, and why.
const PASSING: &[(&str, &str)] = &[
    // A session lives longer when it is used, and carries the sentence for the next page.
    ("session", "last_seen_at"),
    ("session", "expires_at"),
    ("session", "state"),
    // A key of another tenant is a good key: that it was used is written down beside the request.
    ("api_key", "last_used_at"),
    ("api_key", "last_used_from"),
    // Pushes that are refused are counted by reason.
    ("push_refusal", "component_appid"),
    ("push_refusal", "reason"),
    ("push_refusal", "count"),
    ("push_refusal", "last_at"),
];

pub(super) struct Camera {
    connection: Connection,
    /// One statement for all tables: table and row as text.
    statement: String,
}

enum Connection {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

#[derive(Debug, PartialEq, Eq)]
pub(super) struct Photo(BTreeMap<String, BTreeSet<String>>);

impl Camera {
    pub(super) async fn new(db: &Database) -> Self {
        let mut connection = match db.kind {
            Kind::Sqlite => Connection::Sqlite(SqliteConnection::connect(db.url()).await.unwrap()),
            Kind::Postgres => Connection::Postgres(PgConnection::connect(db.url()).await.unwrap()),
        };
        let columns = columns(&mut connection).await;
        assert!(columns.len() > 15, "the tables were not found: {columns:?}");
        let statement = statement(&connection, &columns);
        Self { connection, statement }
    }

    pub(super) async fn take(&mut self) -> Photo {
        let statement = AssertSqlSafe(self.statement.clone());
        let rows: Vec<(String, String)> = match &mut self.connection {
            Connection::Sqlite(connection) => sqlx::query_as(statement).fetch_all(connection).await.unwrap(),
            Connection::Postgres(connection) => {
                sqlx::query_as(statement).fetch_all(connection).await.unwrap()
            }
        };
        let mut tables: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for (table, row) in rows {
            tables.entry(table).or_default().insert(row);
        }
        Photo(tables)
    }
}

impl Photo {
    /// What is different in the later one, a line for each row.
    pub(super) fn difference(&self, later: &Self) -> Vec<String> {
        let nothing = BTreeSet::new();
        let names: BTreeSet<&String> = self.0.keys().chain(later.0.keys()).collect();
        let mut lines = Vec::new();
        for name in names {
            let before = self.0.get(name).unwrap_or(&nothing);
            let after = later.0.get(name).unwrap_or(&nothing);
            lines.extend(before.difference(after).map(|row| format!("- {name} {row}")));
            lines.extend(after.difference(before).map(|row| format!("+ {name} {row}")));
        }
        lines
    }
}

/// Each table's columns, without those that may pass.
async fn columns(connection: &mut Connection) -> BTreeMap<String, Vec<String>> {
    let all: Vec<(String, String)> = match connection {
        Connection::Sqlite(connection) => sqlx::query_as(
            "SELECT m.name, c.name FROM sqlite_master m JOIN pragma_table_info(m.name) c \
             WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite%' AND m.name <> '_sqlx_migrations'",
        )
        .fetch_all(connection)
        .await
        .unwrap(),
        Connection::Postgres(connection) => sqlx::query_as(
            "SELECT c.table_name::text, c.column_name::text FROM information_schema.columns c \
             JOIN information_schema.tables t ON t.table_schema = c.table_schema AND t.table_name = c.table_name \
             WHERE c.table_schema = current_schema() AND t.table_type = 'BASE TABLE' \
             AND c.table_name <> '_sqlx_migrations' ORDER BY 1, 2",
        )
        .fetch_all(connection)
        .await
        .unwrap(),
    };
    let mut tables: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (table, column) in all {
        if !PASSING.contains(&(table.as_str(), column.as_str())) {
            tables.entry(table).or_default().push(column);
        }
    }
    tables
}

fn statement(connection: &Connection, tables: &BTreeMap<String, Vec<String>>) -> String {
    let selects = tables.iter().map(|(table, columns)| {
        let row = match connection {
            Connection::Sqlite(_) => {
                let quoted: Vec<String> = columns.iter().map(|name| format!("quote(\"{name}\")")).collect();
                quoted.join(" || '|' || ")
            }
            Connection::Postgres(_) => {
                let quoted: Vec<String> = columns.iter().map(|name| format!("\"{name}\"")).collect();
                format!("ROW({})::text", quoted.join(", "))
            }
        };
        format!("SELECT '{table}', {row} FROM \"{table}\"")
    });
    selects.collect::<Vec<_>>().join(" UNION ALL ")
}

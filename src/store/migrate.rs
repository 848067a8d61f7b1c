//! Brings the tables up to date from the files in `migrations/`, which are part of the binary: `shared/` for both
//! databases, `sqlite/` and `postgres/` for what only one can say. Numbers are unique across the three.

use std::borrow::Cow;

use rust_embed::Embed;
use sqlx::SqlSafeStr;
use sqlx::migrate::{Migration, MigrationType, Migrator};

#[derive(Embed)]
#[folder = "migrations/"]
struct Files;

pub(super) fn sqlite() -> Migrator {
    migrator("sqlite/")
}

pub(super) fn postgres() -> Migrator {
    migrator("postgres/")
}

fn migrator(own: &str) -> Migrator {
    let mut migrations: Vec<Migration> = Files::iter()
        .filter(|path| path.starts_with("shared/") || path.starts_with(own))
        .filter_map(|path| migration(&path))
        .collect();
    migrations.sort_by_key(|migration| migration.version);
    Migrator::with_migrations(migrations)
}

fn migration(path: &str) -> Option<Migration> {
    let name = path.rsplit('/').next()?.strip_suffix(".sql")?;
    let (number, description) = name.split_once('_')?;
    let text = String::from_utf8(Files::get(path)?.data.into_owned()).ok()?;
    Some(Migration::new(
        number.parse().ok()?,
        Cow::Owned(description.replace('_', " ")),
        MigrationType::Simple,
        sqlx::AssertSqlSafe(text).into_sql_str(),
        false,
    ))
}

//! What can go wrong with the database.

use std::sync::Arc;

use sqlx::error::ErrorKind;

use crate::vault::VaultError;

#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// There is no database there, or it lets nobody in. The address itself is never told: it may hold a password.
    #[error("HUFU_DATABASE_URL: the database cannot be opened")]
    Open(#[source] sqlx::Error),
    /// The database cannot be reached or refused a statement.
    #[error("the database did not do what it was asked")]
    Database(#[from] sqlx::Error),
    #[error("the database's tables could not be brought up to date")]
    Migrate(#[from] sqlx::migrate::MigrateError),
    #[error("HUFU_DATABASE_URL: “{0}” is not `sqlite:…` or `postgres://…`")]
    BadUrl(String),
    /// The statement ran into a row that exists already.
    #[error("there is one already: {0}")]
    Conflict(&'static str),
    /// A row holds what this program never writes.
    #[error("column {column} of table {table} holds an unexpected value in row {row}")]
    Corrupt { table: &'static str, column: &'static str, row: String },
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// What befell a transaction that several shared.
    #[error(transparent)]
    Shared(Arc<StoreError>),
    /// The work broke off before the database had its say.
    #[error("the work on the database broke off")]
    Unfinished,
}

/// Leaves a row out that cannot be read, so that it stands in nobody's way. It is reported: someone must act.
pub(super) fn readable<T, E: Into<StoreError>>(row: Result<T, E>) -> Option<T> {
    row.map_err(|error| report(&error.into())).ok()
}

/// Goes on after work on a row that cannot be read, which is reported.
///
/// # Errors
/// Anything else, such as a database that does not answer.
pub fn skip_unreadable(done: Result<(), StoreError>) -> Result<(), StoreError> {
    match done {
        Err(error) if error.is_about_a_row() => {
            report(&error);
            Ok(())
        }
        done => done,
    }
}

fn report(error: &StoreError) {
    tracing::error!(error = error as &dyn std::error::Error, "a row cannot be read and is left out");
}

impl StoreError {
    pub fn corrupt(table: &'static str, column: &'static str, row: impl Into<String>) -> Self {
        Self::Corrupt { table, column, row: row.into() }
    }

    /// Whether a row holds what cannot be read.
    fn is_about_a_row(&self) -> bool {
        match self {
            Self::Corrupt { .. } | Self::Vault(_) => true,
            Self::Shared(error) => error.is_about_a_row(),
            Self::Open(_)
            | Self::Database(_)
            | Self::Migrate(_)
            | Self::BadUrl(_)
            | Self::Conflict(_)
            | Self::Unfinished => false,
        }
    }

    /// Whether the database works and refuses just this row: to ask again is of no use.
    pub fn is_about_content(&self) -> bool {
        match self {
            Self::Database(sqlx::Error::Database(error)) => match error.kind() {
                ErrorKind::Other => is_refusal(error.code().as_deref()),
                _ => true,
            },
            Self::Conflict(_) | Self::Corrupt { .. } | Self::Vault(_) | Self::Unfinished => true,
            Self::Shared(error) => error.is_about_content(),
            Self::Open(_) | Self::Database(_) | Self::Migrate(_) | Self::BadUrl(_) => false,
        }
    }

    /// The database cannot be reached, or is just going down: what was known before may still be used.
    pub fn is_no_answer(&self) -> bool {
        match self {
            Self::Open(error) | Self::Database(error) => is_no_answer(error),
            Self::Migrate(_)
            | Self::BadUrl(_)
            | Self::Conflict(_)
            | Self::Corrupt { .. }
            | Self::Unfinished
            | Self::Vault(_) => false,
            Self::Shared(error) => error.is_no_answer(),
        }
    }

    /// `Conflict(what)` when a unique constraint was broken, the error itself otherwise.
    #[must_use]
    pub fn or_conflict(self, what: &'static str) -> Self {
        match self {
            Self::Database(sqlx::Error::Database(error)) if error.is_unique_violation() => {
                Self::Conflict(what)
            }
            other => other,
        }
    }
}

/// PostgreSQL's data exceptions and a trigger's own refusals; the latter on SQLite.
fn is_refusal(code: Option<&str>) -> bool {
    code.is_some_and(|code| code.starts_with("22") || code == "P0001" || code == "1811")
}

fn is_no_answer(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_)
        | sqlx::Error::Tls(_)
        | sqlx::Error::Protocol(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed => true,
        // PostgreSQL's classes: connection exception, insufficient resources, operator intervention.
        sqlx::Error::Database(error) => {
            error.code().is_some_and(|code| ["08", "53", "57"].iter().any(|class| code.starts_with(class)))
        }
        _ => false,
    }
}

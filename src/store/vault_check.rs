//! What shows whether the master key is the one this database was sealed with, and the one secret of the house that
//! belongs to no other row: the key that signs session cookies.

use super::{Reader, StoreError, Writer};

/// The row that shows which key a database was sealed with.
pub const PROBE: &str = "probe";
/// The row with the key that signs session cookies.
pub const COOKIE_KEY: &str = "cookie_key";
/// The row with the key that signs how the audit stands.
pub const AUDIT_KEY: &str = "audit_key";

/// # Errors
/// `Database`.
pub async fn find(tx: &mut Reader, id: &str) -> Result<Option<String>, StoreError> {
    let row: Option<(String,)> = on!(tx, |c| {
        sqlx::query_as("SELECT sealed FROM vault_check WHERE id = $1").bind(id).fetch_optional(c).await
    })?;
    Ok(row.map(|(sealed,)| sealed))
}

/// Keeps what is there already.
///
/// # Errors
/// `Database`.
pub async fn insert_if_absent(tx: &mut Writer, id: &str, sealed: &str) -> Result<(), StoreError> {
    on!(tx, |c| {
        sqlx::query("INSERT INTO vault_check (id, sealed) VALUES ($1, $2) ON CONFLICT (id) DO NOTHING")
            .bind(id)
            .bind(sealed)
            .execute(c)
            .await
            .map(drop)
    })?;
    Ok(())
}

/// Puts another text where `old` still is; `false` when somebody was first.
///
/// # Errors
/// `Database`.
pub async fn replace(tx: &mut Writer, id: &str, (old, new): (&str, &str)) -> Result<bool, StoreError> {
    let changed = on!(tx, |c| {
        sqlx::query("UPDATE vault_check SET sealed = $3 WHERE id = $1 AND sealed = $2")
            .bind(id)
            .bind(old)
            .bind(new)
            .execute(c)
            .await
            .map(|done| done.rows_affected())
    })?;
    Ok(changed == 1)
}

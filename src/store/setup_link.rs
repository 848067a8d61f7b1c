//! The one-time link that makes the first administrator. Only its hash is kept.

use crate::clock::Timestamp;

use super::{Reader, StoreError, Writer};

/// Replaces every earlier link.
///
/// # Errors
/// `Database`.
pub async fn put(
    tx: &mut Writer,
    token_hash: &str,
    now: Timestamp,
    expires_at: Timestamp,
) -> Result<(), StoreError> {
    on!(tx, |c| sqlx::query("DELETE FROM setup_link").execute(c).await.map(drop))?;
    on!(tx, |c| {
        sqlx::query("INSERT INTO setup_link (token_hash, created_at, expires_at) VALUES ($1, $2, $3)")
            .bind(token_hash)
            .bind(now.unix())
            .bind(expires_at.unix())
            .execute(c)
            .await
            .map(drop)
    })?;
    Ok(())
}

/// Whether the link exists, has not lapsed and was not used.
///
/// # Errors
/// `Database`.
pub async fn is_open(tx: &mut Reader, token_hash: &str, now: Timestamp) -> Result<bool, StoreError> {
    let row: Option<(i64,)> = on!(tx, |c| {
        sqlx::query_as(
            "SELECT created_at FROM setup_link WHERE token_hash = $1 AND expires_at > $2 AND used_at IS NULL",
        )
        .bind(token_hash)
        .bind(now.unix())
        .fetch_optional(c)
        .await
    })?;
    Ok(row.is_some())
}

/// Uses the link up; `false` when it was not open.
///
/// # Errors
/// `Database`.
pub async fn claim(tx: &mut Writer, token_hash: &str, now: Timestamp) -> Result<bool, StoreError> {
    let touched = on!(tx, |c| {
        sqlx::query(
            "UPDATE setup_link SET used_at = $2 WHERE token_hash = $1 AND expires_at > $2 AND used_at IS NULL",
        )
        .bind(token_hash)
        .bind(now.unix())
        .execute(c)
        .await
        .map(|done| done.rows_affected())
    })?;
    Ok(touched > 0)
}

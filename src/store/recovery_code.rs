//! Recovery codes: ten hashes for each user, each good once.

use crate::clock::Timestamp;
use crate::domain::ids::UserId;

use super::{Reader, StoreError, Writer};

/// Replaces all of the user's codes; the hash's place is its slot.
///
/// # Errors
/// `Database`.
pub async fn replace(
    tx: &mut Writer,
    user: &UserId,
    hashes: &[String],
    now: Timestamp,
) -> Result<(), StoreError> {
    forget(tx, user).await?;
    for (slot, hash) in (0_i64..).zip(hashes) {
        on!(tx, |c| {
            sqlx::query(
                "INSERT INTO recovery_code (user_id, slot, code_hash, created_at) VALUES ($1, $2, $3, $4)",
            )
            .bind(user.as_str())
            .bind(slot)
            .bind(hash)
            .bind(now.unix())
            .execute(c)
            .await
            .map(drop)
        })?;
    }
    Ok(())
}

/// The hash of a slot that has not been used.
///
/// # Errors
/// `Database`.
pub async fn find(tx: &mut Reader, user: &UserId, slot: i64) -> Result<Option<String>, StoreError> {
    let row: Option<(String,)> = on!(tx, |c| {
        sqlx::query_as(
            "SELECT code_hash FROM recovery_code WHERE user_id = $1 AND slot = $2 AND used_at IS NULL",
        )
        .bind(user.as_str())
        .bind(slot)
        .fetch_optional(c)
        .await
    })?;
    Ok(row.map(|(hash,)| hash))
}

/// Uses the code up; `false` when it was used or replaced meanwhile.
///
/// # Errors
/// `Database`.
pub async fn claim(
    tx: &mut Writer,
    user: &UserId,
    slot: i64,
    hash: &str,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let touched = on!(tx, |c| {
        sqlx::query(
            "UPDATE recovery_code SET used_at = $4 \
             WHERE user_id = $1 AND slot = $2 AND code_hash = $3 AND used_at IS NULL",
        )
        .bind(user.as_str())
        .bind(slot)
        .bind(hash)
        .bind(now.unix())
        .execute(c)
        .await
        .map(|done| done.rows_affected())
    })?;
    Ok(touched > 0)
}

/// # Errors
/// `Database`.
pub async fn forget(tx: &mut Writer, user: &UserId) -> Result<(), StoreError> {
    on!(tx, |c| {
        sqlx::query("DELETE FROM recovery_code WHERE user_id = $1")
            .bind(user.as_str())
            .execute(c)
            .await
            .map(drop)
    })?;
    Ok(())
}

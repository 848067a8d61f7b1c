//! Counts in a user's row how often their sessions were ended. The password's hash is read long before a sign-in is
//! written, and its session later still: what was ended in between is not begun after all.

use crate::domain::ids::UserId;
use crate::domain::user::SessionEpoch;

use super::{Reader, StoreError, Writer};

/// The epoch of the sessions of somebody who may sign in.
///
/// # Errors
/// `Database`.
pub async fn find(tx: &mut Reader, user: &UserId) -> Result<Option<SessionEpoch>, StoreError> {
    let row: Option<(i64,)> = on!(tx, |c| {
        sqlx::query_as("SELECT session_epoch FROM app_user WHERE id = $1 AND disabled_at IS NULL")
            .bind(user.as_str())
            .fetch_optional(c)
            .await
    })?;
    Ok(row.map(|(epoch,)| SessionEpoch::of_number(epoch)))
}

/// As [`find`], and nobody ends sessions of the user until this transaction does. Before any other row of theirs is
/// touched: everybody who changes how one user signs in waits here for the others.
///
/// # Errors
/// `Database`.
pub async fn hold(tx: &mut Writer, user: &UserId) -> Result<Option<SessionEpoch>, StoreError> {
    let row: Option<(i64,)> = on!(tx, |c| {
        sqlx::query_as(
            "UPDATE app_user SET session_epoch = session_epoch WHERE id = $1 AND disabled_at IS NULL \
             RETURNING session_epoch",
        )
        .bind(user.as_str())
        .fetch_optional(c)
        .await
    })?;
    Ok(row.map(|(epoch,)| SessionEpoch::of_number(epoch)))
}

/// Puts the hash that a sign-in leaves, be it the same one, where the one that was looked at still counts; nobody ends
/// sessions of the user until this transaction does. `None` when it is another one by now, or the user is shut out.
///
/// # Errors
/// `Database`.
pub async fn claim(
    tx: &mut Writer,
    user: &UserId,
    (seen, kept): (&str, &str),
) -> Result<Option<SessionEpoch>, StoreError> {
    let row: Option<(i64,)> = on!(tx, |c| {
        sqlx::query_as(
            "UPDATE app_user SET password_hash = $3 WHERE id = $1 AND password_hash = $2 \
             AND disabled_at IS NULL RETURNING session_epoch",
        )
        .bind(user.as_str())
        .bind(seen)
        .bind(kept)
        .fetch_optional(c)
        .await
    })?;
    Ok(row.map(|(epoch,)| SessionEpoch::of_number(epoch)))
}

/// Every session of the user is over that is not taken along. Holds like [`hold`].
///
/// # Errors
/// `Database`.
pub(super) async fn begin(tx: &mut Writer, user: &UserId) -> Result<SessionEpoch, StoreError> {
    let row: Option<(i64,)> = on!(tx, |c| {
        sqlx::query_as(
            "UPDATE app_user SET session_epoch = session_epoch + 1 WHERE id = $1 RETURNING session_epoch",
        )
        .bind(user.as_str())
        .fetch_optional(c)
        .await
    })?;
    // Nobody has no sessions.
    Ok(row.map_or(SessionEpoch::FIRST, |(epoch,)| SessionEpoch::of_number(epoch)))
}

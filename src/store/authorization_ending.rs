//! How attempts at granting end: somebody comes back, a code arrives and is exchanged, or nobody comes in time.

use crate::clock::Timestamp;
use crate::domain::authorization::{AuthorizationStatus, GrantProblem};
use crate::domain::ids::{AuthorizationId, AuthorizerAppid};

use super::{StoreError, Writer};

/// Uses the state up; `false` when it was used before.
pub async fn use_state(tx: &mut Writer, id: &AuthorizationId, now: Timestamp) -> Result<bool, StoreError> {
    let changed = on!(tx, |c| {
        sqlx::query(
            "UPDATE \"authorization\" SET returned_at = $2, \
             status = CASE WHEN status IN ('started', 'lapsed') THEN 'exchanging' ELSE status END \
             WHERE id = $1 AND returned_at IS NULL",
        )
        .bind(id.as_str())
        .bind(now.unix())
        .execute(c)
        .await
        .map(|done| done.rows_affected())
    })?;
    Ok(changed == 1)
}

/// A code for this attempt has arrived and is being exchanged.
pub async fn set_exchanging(tx: &mut Writer, id: &AuthorizationId) -> Result<(), StoreError> {
    on!(tx, |c| {
        sqlx::query(
            "UPDATE \"authorization\" SET status = 'exchanging' WHERE id = $1 AND status IN ('started', 'lapsed')",
        )
        .bind(id.as_str())
        .execute(c)
        .await
        .map(|_| ())
    })?;
    Ok(())
}

/// How an attempt ended. A success is never turned into a failure, and counts once for the link it came by.
pub async fn end(
    tx: &mut Writer,
    id: &AuthorizationId,
    now: Timestamp,
    (authorizer, problem): (Option<&AuthorizerAppid>, Option<GrantProblem>),
) -> Result<(), StoreError> {
    let status = if problem.is_some() { AuthorizationStatus::Failed } else { AuthorizationStatus::Finished };
    if status == AuthorizationStatus::Finished {
        count_use(tx, id).await?;
    }
    on!(tx, |c| {
        sqlx::query(
            "UPDATE \"authorization\" SET status = $2, problem = $3, \
             authorizer_appid = COALESCE($4, authorizer_appid), finished_at = $5 \
             WHERE id = $1 AND (status <> 'finished' OR $2 = 'finished')",
        )
        .bind(id.as_str())
        .bind(status.as_str())
        .bind(problem.map(GrantProblem::as_str))
        .bind(authorizer.map(AuthorizerAppid::as_str))
        .bind(now.unix())
        .execute(c)
        .await
        .map(|_| ())
    })?;
    Ok(())
}

async fn count_use(tx: &mut Writer, id: &AuthorizationId) -> Result<(), StoreError> {
    on!(tx, |c| {
        sqlx::query(
            "UPDATE merchant_link SET uses = uses + 1 WHERE id = \
             (SELECT link_id FROM \"authorization\" WHERE id = $1 AND status <> 'finished')",
        )
        .bind(id.as_str())
        .execute(c)
        .await
        .map(|_| ())
    })?;
    Ok(())
}

/// Attempts whose code has run out without anybody coming back. Returns how many lapsed.
pub async fn lapse(tx: &mut Writer, before: Timestamp) -> Result<u64, StoreError> {
    Ok(on!(tx, |c| {
        sqlx::query(
            "UPDATE \"authorization\" SET status = 'lapsed' WHERE status = 'started' AND code_expires_at < $1",
        )
        .bind(before.unix())
        .execute(c)
        .await
        .map(|done| done.rows_affected())
    })?)
}

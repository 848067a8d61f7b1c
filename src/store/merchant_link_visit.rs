//! Browsers that opened a merchant's link. A reload counts once, and nobody can make a link's rows grow without bound.

use crate::clock::Timestamp;
use crate::domain::ids::MerchantLinkId;
use crate::domain::merchant_link::MOST_VISITS;

use super::{Reader, StoreError, Writer};

/// Counts a browser that has not been here before; `false` when it has, or when the link's visits are full.
///
/// # Errors
/// `Database`.
pub async fn count(
    tx: &mut Writer,
    link: &MerchantLinkId,
    visit_hash: &str,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let added = on!(tx, |c| {
        sqlx::query(
            "INSERT INTO merchant_link_visit (link_id, visit_hash, at) SELECT $1, $2, $3 WHERE \
             (SELECT COUNT(*) FROM merchant_link_visit WHERE link_id = $1) < $4 \
             ON CONFLICT (link_id, visit_hash) DO NOTHING",
        )
        .bind(link.as_str())
        .bind(visit_hash)
        .bind(now.unix())
        .bind(MOST_VISITS)
        .execute(c)
        .await
        .map(|done| done.rows_affected())
    })?;
    if added == 0 {
        return Ok(false);
    }
    on!(tx, |c| {
        sqlx::query(
            "UPDATE merchant_link SET opened = opened + 1, last_opened_at = $2, \
             first_opened_at = COALESCE(first_opened_at, $2) WHERE id = $1",
        )
        .bind(link.as_str())
        .bind(now.unix())
        .execute(c)
        .await
        .map(drop)
    })?;
    Ok(true)
}

/// Whether a browser was counted already.
///
/// # Errors
/// `Database`.
pub async fn seen(tx: &mut Reader, link: &MerchantLinkId, visit_hash: &str) -> Result<bool, StoreError> {
    let row: Option<(i64,)> = on!(tx, |c| {
        sqlx::query_as("SELECT at FROM merchant_link_visit WHERE link_id = $1 AND visit_hash = $2")
            .bind(link.as_str())
            .bind(visit_hash)
            .fetch_optional(c)
            .await
    })?;
    Ok(row.is_some())
}

/// Forgets visits before `before`; the counts stay. Returns how many were forgotten.
///
/// # Errors
/// `Database`.
pub async fn forget_old(tx: &mut Writer, before: Timestamp) -> Result<u64, StoreError> {
    Ok(on!(tx, |c| {
        sqlx::query("DELETE FROM merchant_link_visit WHERE at < $1")
            .bind(before.unix())
            .execute(c)
            .await
            .map(|done| done.rows_affected())
    })?)
}

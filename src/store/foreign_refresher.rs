//! Accounts whose tokens somebody else seems to refresh as well.

use crate::clock::Timestamp;
use crate::domain::ids::AuthorizerKey;

use super::{Reader, StoreError, Writer};

/// Notes that it was seen again, with the code of its evidence.
pub async fn put(
    tx: &mut Writer,
    key: &AuthorizerKey,
    now: Timestamp,
    evidence: &str,
) -> Result<(), StoreError> {
    on!(tx, |c| {
        sqlx::query(
            "INSERT INTO foreign_refresher (component_appid, authorizer_appid, evidence, seen_at, times) \
             VALUES ($1, $2, $3, $4, 1) ON CONFLICT (component_appid, authorizer_appid) DO UPDATE SET \
             evidence = excluded.evidence, seen_at = excluded.seen_at, times = foreign_refresher.times + 1",
        )
        .bind(key.component.as_str())
        .bind(key.authorizer.as_str())
        .bind(evidence)
        .bind(now.unix())
        .execute(c)
        .await
        .map(|_| ())
    })?;
    Ok(())
}

/// The account's owner was at it: that is why the token died a moment ago. Forgets what was seen since then.
pub async fn acquit(
    tx: &mut Writer,
    key: &AuthorizerKey,
    since: Timestamp,
    evidence: &str,
) -> Result<(), StoreError> {
    on!(tx, |c| {
        sqlx::query(
            "DELETE FROM foreign_refresher WHERE component_appid = $1 AND authorizer_appid = $2 AND evidence = $3 \
             AND seen_at >= $4",
        )
        .bind(key.component.as_str())
        .bind(key.authorizer.as_str())
        .bind(evidence)
        .bind(since.unix())
        .execute(c)
        .await
        .map(|_| ())
    })?;
    Ok(())
}

/// When it was last seen, if ever.
pub async fn last_seen(tx: &mut Reader, key: &AuthorizerKey) -> Result<Option<Timestamp>, StoreError> {
    let row: Option<(i64,)> = on!(tx, |c| {
        sqlx::query_as(
            "SELECT seen_at FROM foreign_refresher WHERE component_appid = $1 AND authorizer_appid = $2",
        )
        .bind(key.component.as_str())
        .bind(key.authorizer.as_str())
        .fetch_optional(c)
        .await
    })?;
    Ok(row.map(|(at,)| Timestamp::from_unix(at)))
}

/// Whether a refresh of our own since then may have been processed without our knowing: it explains another token.
pub async fn is_explained(
    tx: &mut Reader,
    key: &AuthorizerKey,
    since: Timestamp,
) -> Result<bool, StoreError> {
    let row: Option<(i64,)> = on!(tx, |c| {
        sqlx::query_as(
            "SELECT started_at FROM attempt WHERE component_appid = $1 AND authorizer_appid = $2 \
             AND started_at >= $3 AND (outcome IS NULL OR outcome IN ('in_doubt', 'fenced')) LIMIT 1",
        )
        .bind(key.component.as_str())
        .bind(key.authorizer.as_str())
        .bind(since.unix())
        .fetch_optional(c)
        .await
    })?;
    Ok(row.is_some())
}

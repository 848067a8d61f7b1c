//! Counts over all tenants, for the platform's first page.

use crate::clock::Timestamp;
use crate::domain::ids::ComponentAppid;

use super::{Reader, StoreError};

/// How often pushes to one component were refused for one reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusals {
    /// The path's text: it need not be a component of ours.
    pub component: String,
    /// As the receiver wrote it: `bad_signature`, `bad_padding`, …
    pub reason: String,
    pub count: i64,
    pub last_at: Timestamp,
}

/// Refused pushes by component and reason, the newest first, at most 50.
///
/// # Errors
/// `Database`.
pub async fn refused_pushes(tx: &mut Reader) -> Result<Vec<Refusals>, StoreError> {
    let rows: Vec<(String, String, i64, i64)> = on!(tx, |c| {
        sqlx::query_as(
            "SELECT component_appid, reason, count, last_at FROM push_refusal \
             ORDER BY last_at DESC, component_appid, reason LIMIT 50",
        )
        .fetch_all(c)
        .await
    })?;
    let refusals = rows.into_iter().map(|(component, reason, count, last_at)| Refusals {
        component,
        reason,
        count,
        last_at: Timestamp::from_unix(last_at),
    });
    Ok(refusals.collect())
}

/// How many accounts of a component are due and held by nobody; no more than `most` are counted.
///
/// # Errors
/// `Database`.
pub async fn due(
    tx: &mut Reader,
    component: &ComponentAppid,
    now: Timestamp,
    most: i64,
) -> Result<i64, StoreError> {
    let (count,): (i64,) = on!(tx, |c| {
        sqlx::query_as(
            "SELECT COUNT(*) FROM (SELECT 1 FROM authorizer WHERE component_appid = $1 \
             AND next_refresh_at <= $2 AND lease_until <= $2 LIMIT $3) AS due",
        )
        .bind(component.as_str())
        .bind(now.unix())
        .bind(most)
        .fetch_one(c)
        .await
    })?;
    Ok(count)
}

/// How many attempts have neither an outcome nor a lease any more.
///
/// # Errors
/// `Database`.
pub async fn in_doubt(tx: &mut Reader, now: Timestamp) -> Result<i64, StoreError> {
    let (count,): (i64,) = on!(tx, |c| {
        sqlx::query_as("SELECT COUNT(*) FROM attempt WHERE outcome IS NULL AND lease_until <= $1")
            .bind(now.unix())
            .fetch_one(c)
            .await
    })?;
    Ok(count)
}

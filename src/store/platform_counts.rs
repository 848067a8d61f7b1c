//! Counts over all tenants, for the platform's first page.

use crate::clock::Timestamp;
use crate::domain::health::Health;

use super::{Reader, StoreError};

/// How many accounts are in each state, over all tenants; states without accounts are left out.
///
/// # Errors
/// `Database`, `Corrupt`.
pub async fn by_health(tx: &mut Reader) -> Result<Vec<(Health, i64)>, StoreError> {
    let rows: Vec<(String, i64)> = on!(tx, |c| {
        sqlx::query_as("SELECT health, COUNT(*) FROM authorizer GROUP BY health").fetch_all(c).await
    })?;
    rows.into_iter()
        .map(|(name, count)| {
            let health = Health::from_name(&name)
                .ok_or_else(|| StoreError::corrupt("authorizer", "health", name.clone()))?;
            Ok((health, count))
        })
        .collect()
}

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

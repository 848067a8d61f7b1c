//! How many pushes were refused, by reason.

use crate::clock::Timestamp;

use super::{StoreError, Writer};

/// Counts one refusal. `component` is the path's text: it need not be one of ours.
pub async fn count(tx: &mut Writer, component: &str, reason: &str, now: Timestamp) -> Result<(), StoreError> {
    on!(tx, |c| {
        sqlx::query(
            "INSERT INTO push_refusal (component_appid, reason, count, last_at) VALUES ($1, $2, 1, $3) \
             ON CONFLICT (component_appid, reason) DO UPDATE SET count = push_refusal.count + 1, \
             last_at = excluded.last_at",
        )
        .bind(component)
        .bind(reason)
        .bind(now.unix())
        .execute(c)
        .await
        .map(|_| ())
    })?;
    Ok(())
}

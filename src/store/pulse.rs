//! The heartbeat: one row for each thing that must keep beating.

use crate::clock::Timestamp;

use super::{Reader, StoreError, Writer};

/// The scheduler's row.
pub const SCHEDULER: &str = "scheduler";

/// Notes that `name` is alive. An older beat never replaces a newer one.
pub async fn beat(tx: &mut Writer, name: &str, now: Timestamp, detail: &str) -> Result<(), StoreError> {
    on!(tx, |c| {
        sqlx::query(
            "INSERT INTO pulse (name, beat_at, detail) VALUES ($1, $2, $3) ON CONFLICT (name) DO UPDATE SET \
             beat_at = excluded.beat_at, detail = excluded.detail WHERE pulse.beat_at <= excluded.beat_at",
        )
        .bind(name)
        .bind(now.unix())
        .bind(detail)
        .execute(c)
        .await
        .map(|_| ())
    })?;
    Ok(())
}

/// When `name` was last alive.
pub async fn last(tx: &mut Reader, name: &str) -> Result<Option<Timestamp>, StoreError> {
    let row: Option<(i64,)> = on!(tx, |c| {
        sqlx::query_as("SELECT beat_at FROM pulse WHERE name = $1").bind(name).fetch_optional(c).await
    })?;
    Ok(row.map(|(at,)| Timestamp::from_unix(at)))
}

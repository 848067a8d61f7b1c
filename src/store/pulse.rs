//! The heartbeat: one row for each thing that must keep beating.

use crate::clock::Timestamp;

use super::{Reader, StoreError, Writer};

/// The row of whichever scheduler beat last.
pub const SCHEDULER: &str = "scheduler";

/// The row of one process's scheduler.
pub fn scheduler_of(holder: &str) -> String {
    format!("{SCHEDULER}/{holder}")
}

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

/// How many processes' schedulers have beaten since `since`.
pub async fn count_schedulers(tx: &mut Reader, since: Timestamp) -> Result<u32, StoreError> {
    let (count,): (i64,) = on!(tx, |c| {
        sqlx::query_as("SELECT COUNT(*) FROM pulse WHERE name LIKE 'scheduler/%' AND beat_at >= $1")
            .bind(since.unix())
            .fetch_one(c)
            .await
    })?;
    Ok(u32::try_from(count).unwrap_or(u32::MAX))
}

/// Forgets processes that beat last before `before`. Returns how many.
pub async fn forget_schedulers(tx: &mut Writer, before: Timestamp) -> Result<u64, StoreError> {
    Ok(on!(tx, |c| {
        sqlx::query("DELETE FROM pulse WHERE name LIKE 'scheduler/%' AND beat_at < $1")
            .bind(before.unix())
            .execute(c)
            .await
            .map(|done| done.rows_affected())
    })?)
}

/// When `name` was last alive, and what it told then.
pub async fn told(tx: &mut Reader, name: &str) -> Result<Option<(Timestamp, String)>, StoreError> {
    let row: Option<(i64, Option<String>)> = on!(tx, |c| {
        sqlx::query_as("SELECT beat_at, detail FROM pulse WHERE name = $1").bind(name).fetch_optional(c).await
    })?;
    Ok(row.map(|(at, detail)| (Timestamp::from_unix(at), detail.unwrap_or_default())))
}

/// The clock of `name` was set from the first to the second moment. `true` for the one caller that is to move with it
/// what was timed by it: of several who see the same step, the first.
pub async fn step(
    tx: &mut Writer,
    name: &str,
    (from, to): (Timestamp, Timestamp),
) -> Result<bool, StoreError> {
    let changed = on!(tx, |c| {
        sqlx::query("UPDATE pulse SET beat_at = $3 WHERE name = $1 AND ABS(beat_at - $2) < ABS(beat_at - $3)")
            .bind(name)
            .bind(from.unix())
            .bind(to.unix())
            .execute(c)
            .await
            .map(|done| done.rows_affected())
    })?;
    Ok(changed == 1)
}

//! How fast a button may be pressed, for all processes together: one row for each bucket says when it will be rested
//! again. Each press puts that off by the pace's `every`; a press that would put it off too far is refused.

use crate::clock::Timestamp;
use crate::domain::merchant_link::Pace;

use super::{StoreError, Writer};

/// Takes one press; `false` when it came too soon. Nothing is counted then.
///
/// # Errors
/// `Database`.
pub async fn take(tx: &mut Writer, bucket: &str, pace: Pace, now: Timestamp) -> Result<bool, StoreError> {
    let every = i64::try_from(pace.every.as_secs()).unwrap_or(i64::MAX);
    let furthest = now.unix().saturating_add(every.saturating_mul(pace.burst));
    let taken = on!(tx, |c| {
        sqlx::query(
            "INSERT INTO press_rate (bucket, rested_at) VALUES ($1, $2 + $3) ON CONFLICT (bucket) DO UPDATE SET \
             rested_at = CASE WHEN press_rate.rested_at > $2 THEN press_rate.rested_at ELSE $2 END + $3 \
             WHERE CASE WHEN press_rate.rested_at > $2 THEN press_rate.rested_at ELSE $2 END + $3 <= $4",
        )
        .bind(bucket)
        .bind(now.unix())
        .bind(every)
        .bind(furthest)
        .execute(c)
        .await
        .map(|done| done.rows_affected())
    })?;
    Ok(taken == 1)
}

/// Forgets buckets that are rested. Returns how many.
///
/// # Errors
/// `Database`.
pub async fn forget_rested(tx: &mut Writer, now: Timestamp) -> Result<u64, StoreError> {
    Ok(on!(tx, |c| {
        sqlx::query("DELETE FROM press_rate WHERE rested_at <= $1")
            .bind(now.unix())
            .execute(c)
            .await
            .map(|done| done.rows_affected())
    })?)
}

//! How many tokens of a large tenant end when, as it was counted last.

use crate::clock::Timestamp;
use crate::domain::ids::TenantId;
use crate::domain::time_left::TimeLeft;

use super::{Reader, StoreError, Writer};

/// What was counted, and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tally {
    pub counted_at: Timestamp,
    pub left: TimeLeft,
}

/// What was counted last.
pub async fn find(tx: &mut Reader, tenant: &TenantId) -> Result<Option<Tally>, StoreError> {
    let row: Option<Row> = on!(tx, |c| {
        sqlx::query_as(
            "SELECT counted_at, left_over, left_5, left_15, left_30, left_60, left_90, left_more \
             FROM time_left_tally WHERE tenant_id = $1",
        )
        .bind(tenant.as_str())
        .fetch_optional(c)
        .await
    })?;
    Ok(row.map(Tally::from))
}

/// Replaces what was counted before; an older count never replaces a newer one.
pub async fn put(tx: &mut Writer, tenant: &TenantId, tally: &Tally) -> Result<(), StoreError> {
    let left = tally.left.0;
    on!(tx, |c| {
        sqlx::query(
            "INSERT INTO time_left_tally (tenant_id, counted_at, left_over, left_5, left_15, left_30, left_60, \
             left_90, left_more) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) \
             ON CONFLICT (tenant_id) DO UPDATE SET counted_at = excluded.counted_at, \
             left_over = excluded.left_over, left_5 = excluded.left_5, left_15 = excluded.left_15, \
             left_30 = excluded.left_30, left_60 = excluded.left_60, left_90 = excluded.left_90, \
             left_more = excluded.left_more WHERE time_left_tally.counted_at <= excluded.counted_at",
        )
        .bind(tenant.as_str())
        .bind(tally.counted_at.unix())
        .bind(left[0])
        .bind(left[1])
        .bind(left[2])
        .bind(left[3])
        .bind(left[4])
        .bind(left[5])
        .bind(left[6])
        .execute(c)
        .await
        .map(|_| ())
    })?;
    Ok(())
}

/// Tenants with more than so many accounts whose tokens were not counted since `since`, those first that wait longest.
///
/// # Errors
/// `Database`, `Corrupt`.
pub async fn list_due(
    tx: &mut Reader,
    accounts: i64,
    since: Timestamp,
    limit: i64,
) -> Result<Vec<TenantId>, StoreError> {
    let rows: Vec<(String,)> = on!(tx, |c| {
        sqlx::query_as(
            "SELECT large.tenant_id FROM (SELECT tenant_id FROM authorizer_count \
             GROUP BY tenant_id HAVING SUM(amount) > $1) AS large \
             LEFT JOIN time_left_tally ON time_left_tally.tenant_id = large.tenant_id \
             WHERE counted_at IS NULL OR counted_at < $2 \
             ORDER BY COALESCE(counted_at, 0), large.tenant_id LIMIT $3",
        )
        .bind(accounts)
        .bind(since.unix())
        .bind(limit)
        .fetch_all(c)
        .await
    })?;
    let corrupt = |id: &str| StoreError::corrupt("authorizer_count", "tenant_id", id.to_owned());
    rows.into_iter().map(|(id,)| TenantId::parse(&id).map_err(|_| corrupt(&id))).collect()
}

/// Forgets counts from before that moment, of tenants that have become small, and from after `now`, by a clock that
/// was set back. Returns how many.
pub async fn forget(tx: &mut Writer, before: Timestamp, now: Timestamp) -> Result<u64, StoreError> {
    Ok(on!(tx, |c| {
        sqlx::query("DELETE FROM time_left_tally WHERE counted_at < $1 OR counted_at > $2")
            .bind(before.unix())
            .bind(now.unix())
            .execute(c)
            .await
            .map(|done| done.rows_affected())
    })?)
}

#[derive(sqlx::FromRow)]
struct Row {
    counted_at: i64,
    left_over: i64,
    left_5: i64,
    left_15: i64,
    left_30: i64,
    left_60: i64,
    left_90: i64,
    left_more: i64,
}

impl From<Row> for Tally {
    fn from(row: Row) -> Self {
        Self {
            counted_at: Timestamp::from_unix(row.counted_at),
            left: TimeLeft([
                row.left_over,
                row.left_5,
                row.left_15,
                row.left_30,
                row.left_60,
                row.left_90,
                row.left_more,
            ]),
        }
    }
}

//! Counts how many tokens end when. A page of a small tenant counts for itself; those of large ones, and of the whole
//! platform, show what was counted within the last minute: a page costs the same whatever the number of accounts.

use std::time::Duration;

use crate::clock::{Clock, Timestamp};
use crate::domain::health::Health;
use crate::domain::ids::TenantId;
use crate::domain::time_left::TimeLeft;
use crate::store::time_left_tally::{self, Tally};
use crate::store::{Reader, StoreError, pulse, time_left};

use super::{Context, measure};

/// So many accounts are counted in two milliseconds, for each page anew.
pub const FEW: i64 = 5_000;
/// With the measuring every 15 s nothing that is shown is older than a minute.
const EVERY: Duration = Duration::from_secs(45);
/// Nobody has counted for that long: better a slow page than an old one.
const STALE: Duration = Duration::from_secs(180);
/// What a round may cost; the tenants that wait longest are first in the next one.
const ROUND: Duration = Duration::from_secs(5);
const TENANTS: i64 = 200;

/// How many tokens end when.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counted {
    pub left: TimeLeft,
    /// When they were counted; `None` for now.
    pub at: Option<Timestamp>,
}

/// Counts anew what is about to be old, of tenants with more than [`FEW`] accounts.
///
/// # Errors
/// When the database does not answer.
pub async fn run(cx: &Context, now: Timestamp) -> Result<(), StoreError> {
    let watch = Clock::stopwatch();
    let due = time_left_tally::list_due(&mut cx.store.read().await?, FEW, now.minus(EVERY), TENANTS).await?;
    for tenant in due {
        if watch.elapsed() > ROUND {
            break;
        }
        let left = time_left::of_tenant(&mut cx.store.read().await?, &tenant, now).await?;
        let mut tx = cx.store.write().await?;
        time_left_tally::put(&mut tx, &tenant, &Tally { counted_at: now, left }).await?;
        tx.commit().await?;
    }
    Ok(())
}

/// The tokens of a tenant that has so many accounts.
///
/// # Errors
/// When the database does not answer.
pub async fn of_tenant(
    tx: &mut Reader,
    tenant: &TenantId,
    accounts: i64,
    now: Timestamp,
) -> Result<Counted, StoreError> {
    if accounts > FEW
        && let Some(tally) = time_left_tally::find(tx, tenant).await?
        && is_fresh(tally.counted_at, now)
    {
        return Ok(Counted { left: tally.left, at: Some(tally.counted_at) });
    }
    Ok(Counted { left: time_left::of_tenant(tx, tenant, now).await?, at: None })
}

/// The tokens of all tenants, who have so many accounts together.
///
/// # Errors
/// When the database does not answer.
pub async fn of_all(tx: &mut Reader, accounts: i64, now: Timestamp) -> Result<Counted, StoreError> {
    if accounts > FEW
        && let Some((at, text)) = pulse::told(tx, measure::NAME).await?
        && is_fresh(at, now)
        && let Some(counts) = measure::read(&text)
    {
        return Ok(Counted { left: refreshed(&counts), at: Some(at) });
    }
    Ok(Counted { left: refreshed(&time_left::by_health(tx, now).await?), at: None })
}

fn is_fresh(at: Timestamp, now: Timestamp) -> bool {
    at <= now && now.since(at) <= STALE
}

/// Time left means something only where tokens are kept fresh.
pub(super) fn refreshed(counts: &[(Health, TimeLeft)]) -> TimeLeft {
    let mut sum = TimeLeft::default();
    for (_, left) in counts.iter().filter(|(health, _)| health.is_refreshed()) {
        sum.add(left);
    }
    sum
}

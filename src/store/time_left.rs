//! How many tokens end when, answered from an index alone: the second key of the lists' order is the token's end.

use crate::clock::Timestamp;
use crate::domain::health::Health;
use crate::domain::ids::TenantId;
use crate::domain::time_left::{BOUNDS, TimeLeft};

use super::{Reader, StoreError};

macro_rules! class {
    () => {
        "CASE WHEN attention_at <= $1 THEN 0 WHEN attention_at < $2 THEN 1 WHEN attention_at < $3 THEN 2 \
         WHEN attention_at < $4 THEN 3 WHEN attention_at < $5 THEN 4 WHEN attention_at < $6 THEN 5 ELSE 6 END"
    };
}

/// The tokens of one tenant's accounts that the scheduler keeps fresh.
pub async fn of_tenant(tx: &mut Reader, tenant: &TenantId, now: Timestamp) -> Result<TimeLeft, StoreError> {
    let ends = ends(now);
    // The ranks of the states with `Health::is_refreshed`; the contract test compares.
    let rows: Vec<(i32, i64)> = on!(tx, |c| {
        sqlx::query_as(concat!(
            "SELECT ",
            class!(),
            ", COUNT(*) FROM authorizer WHERE tenant_id = $7 AND health_rank IN (30, 40, 50, 60, 90) GROUP BY 1"
        ))
        .bind(ends[0])
        .bind(ends[1])
        .bind(ends[2])
        .bind(ends[3])
        .bind(ends[4])
        .bind(ends[5])
        .bind(tenant.as_str())
        .fetch_all(c)
        .await
    })?;
    let mut left = TimeLeft::default();
    for (class, count) in rows {
        put(&mut left, class, count);
    }
    Ok(left)
}

/// The tokens of all accounts by state, over all tenants. Of states in which accounts are not refreshed the classes
/// mean nothing, but their sum counts the accounts.
///
/// # Errors
/// `Database`, `Corrupt`.
pub async fn by_health(tx: &mut Reader, now: Timestamp) -> Result<Vec<(Health, TimeLeft)>, StoreError> {
    let ends = ends(now);
    let rows: Vec<(i64, i32, i64)> = on!(tx, |c| {
        sqlx::query_as(concat!(
            "SELECT health_rank, ",
            class!(),
            ", COUNT(*) FROM authorizer GROUP BY 1, 2 ORDER BY 1"
        ))
        .bind(ends[0])
        .bind(ends[1])
        .bind(ends[2])
        .bind(ends[3])
        .bind(ends[4])
        .bind(ends[5])
        .fetch_all(c)
        .await
    })?;
    let mut all: Vec<(Health, TimeLeft)> = Vec::new();
    for (rank, class, count) in rows {
        let health = Health::ALL
            .into_iter()
            .find(|health| health.rank() == rank)
            .ok_or_else(|| StoreError::corrupt("authorizer", "health_rank", rank.to_string()))?;
        if all.last().is_none_or(|(last, _)| *last != health) {
            all.push((health, TimeLeft::default()));
        }
        if let Some((_, left)) = all.last_mut() {
            put(left, class, count);
        }
    }
    Ok(all)
}

/// Now, and the moments at which the classes end.
fn ends(now: Timestamp) -> [i64; BOUNDS.len() + 1] {
    let mut ends = [now.unix(); BOUNDS.len() + 1];
    for (end, minutes) in ends.iter_mut().skip(1).zip(BOUNDS) {
        *end += minutes * 60;
    }
    ends
}

fn put(left: &mut TimeLeft, class: i32, count: i64) {
    if let Some(place) = usize::try_from(class).ok().and_then(|class| left.0.get_mut(class)) {
        *place += count;
    }
}

//! A day of refreshes that the demo did not live through, so that its charts have something to show: calm, with an hour
//! of trouble at WeChat's, one account that was lost and one answer that never came.

use std::time::Duration;

use crate::clock::Timestamp;
use crate::domain::errcode::Class;
use crate::domain::ids::{ComponentAppid, TenantId};
use crate::sandbox::NEWCOMER_APPID;
use crate::service::Context;
use crate::store::attempt::Outcome;
use crate::store::refresh_tally::{self, Tally};

use super::Failure;

/// The demo itself lives in the hour that runs.
const HOURS_AGO: std::ops::RangeInclusive<u64> = 1..=23;
const TROUBLE: u64 = 9;

/// `accounts` of each tenant, in the tenants' order.
pub(super) async fn run(cx: &Context, tenants: &[TenantId], accounts: &[u64]) -> Result<(), Failure> {
    let now = cx.clock.now();
    let component = ComponentAppid::parse(NEWCOMER_APPID).map_err(Failure::other)?;
    let mut tallies = Vec::new();
    for (tenant, accounts) in tenants.iter().zip(accounts) {
        for hours in HOURS_AGO {
            let at = now.minus(Duration::from_secs(hours * 3600));
            tallies.extend(hour((tenant, &component), at, (hours, *accounts)));
        }
    }
    let mut tx = cx.store.write().await?;
    refresh_tally::add(&mut tx, &tallies).await?;
    Ok(tx.commit().await?)
}

/// What one tenant's accounts did within an hour: each is refreshed every 96 minutes.
fn hour(
    (tenant, component): (&TenantId, &ComponentAppid),
    at: Timestamp,
    (hours, accounts): (u64, u64),
) -> Vec<Tally> {
    let ended = |outcome, class, late| Tally {
        tenant: tenant.clone(),
        component: component.clone(),
        ended_at: at,
        outcome,
        class,
        late: Some(Duration::from_secs(late)),
    };
    let well = (accounts * 5).div_ceil(8) + (hours * 7 + accounts) % 3;
    let mut all: Vec<Tally> = (0..well)
        .map(|number| ended(Outcome::Succeeded, None, (hours + number) % 5 / 4 + number / 6))
        .collect();
    match hours {
        TROUBLE => {
            all.truncate(all.len() / 2);
            let failed = (0..accounts / 2).map(|number| 20 + 15 * number);
            all.extend(failed.map(|late| ended(Outcome::Failed, Some(Class::Transient), late)));
            all.push(ended(Outcome::InDoubt, None, 95));
        }
        15 => all.push(ended(Outcome::Failed, Some(Class::AuthorizationLost), 1)),
        _ => {}
    }
    all
}

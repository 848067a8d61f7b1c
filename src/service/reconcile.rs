//! Compares WeChat's list of accounts with ours, each night and when something suggests it: accounts unknown here wait
//! for a platform admin, accounts unknown there and tokens that came back are verified by a refresh.

use std::collections::HashMap;
use std::time::Duration;

use serde_json::json;

use crate::clock::{Clock, Timestamp};
use crate::domain::event::Event;
use crate::domain::health::Health;
use crate::domain::ids::{AuthorizerAppid, AuthorizerKey, ComponentAppid, TenantId};
use crate::secret::Secret;
use crate::store::history::{self, Line};
use crate::store::{StoreError, authorizer_sweep, authorizer_token, component, grant_code, skip_unreadable};
use crate::wechat::api::api_get_authorizer_list::ListEntry;

use super::call_component::CallError;
use super::{Context, listing};

const PAGE: i64 = 500;
/// After a run that did not finish.
const AGAIN: Duration = Duration::from_secs(900);
/// A grant younger than this is on its way through the code broker.
const SETTLING: i64 = 600;
/// 03:00 in Beijing.
const NIGHT: i64 = 19 * 3600;
const DAY: i64 = 86_400;

/// What a comparison found.
#[derive(Debug, Default)]
struct Findings {
    missing_here: u64,
    missing_there: u64,
    came_back: u64,
}

/// # Errors
/// When the database does not answer.
pub async fn run(cx: &Context, now: Timestamp) -> Result<(), StoreError> {
    let mut tx = cx.store.write().await?;
    let due = component::claim_reconciles(&mut tx, now, AGAIN).await?;
    if due.is_empty() {
        return Ok(());
    }
    tx.commit().await?;
    for component in due {
        skip_unreadable(compare(cx, now, &component).await)?;
    }
    Ok(())
}

async fn compare(cx: &Context, now: Timestamp, component: &ComponentAppid) -> Result<(), StoreError> {
    let listing = match listing::fetch(cx, component, Clock::stopwatch()).await {
        Ok(listing) => listing,
        Err(CallError::Store(error)) => return Err(error),
        Err(error) => {
            tracing::warn!(%component, %error, "WeChat's list could not be fetched; it is tried again");
            return Ok(());
        }
    };
    let mut findings = Findings::default();
    let mut unknown: HashMap<&AuthorizerAppid, &ListEntry> = listing.entries.iter().collect();
    let mut after = String::new();
    loop {
        let mut tx = cx.store.read().await?;
        let page = authorizer_sweep::page_by_appid(&mut tx, component, (&after, PAGE)).await?;
        drop(tx);
        let Some((last, ..)) = page.last() else { break };
        last.as_str().clone_into(&mut after);
        for (appid, tenant, health) in page {
            let entry = unknown.remove(&appid);
            let key = AuthorizerKey { component: component.clone(), authorizer: appid };
            compare_one(cx, now, (&key, &tenant, health), (entry, &mut findings)).await?;
        }
    }
    let mut next = next_night(now, cx.random.below(3600));
    for entry in unknown.into_values() {
        if let Some(settled) = settles_at(entry, now) {
            // Should nobody bring its code, it is to be seen today.
            next = next.min(settled);
            continue;
        }
        findings.missing_here += u64::from(hold(cx, now, component, entry).await?);
    }
    let mut tx = cx.store.write().await?;
    component::plan_reconcile(&mut tx, component, next, Some(now)).await?;
    tx.commit().await?;
    tracing::info!(%component, listed = listing.entries.len(), ?findings, "compared with WeChat's list");
    Ok(())
}

async fn compare_one(
    cx: &Context,
    now: Timestamp,
    (key, tenant, health): (&AuthorizerKey, &TenantId, Health),
    (entry, findings): (Option<&ListEntry>, &mut Findings),
) -> Result<(), StoreError> {
    let lost = matches!(health, Health::Unauthorized | Health::NeedsReauthorization | Health::NotExchanged);
    let told = entry.and_then(|entry| entry.refresh_token.as_ref());
    let finding = match (entry, told) {
        (None, _) if health.is_refreshed() => "missing_there",
        (Some(_), Some(_)) if lost => "came_back",
        _ => return Ok(()),
    };
    let mut tx = cx.store.write().await?;
    let held = authorizer_token::find(&mut tx, &cx.vault, key).await?;
    let stored = held.as_ref().and_then(|held| held.refresh_token.as_ref()).map(Secret::fingerprint);
    if finding == "came_back" && told.map(Secret::fingerprint) == stored {
        return Ok(());
    }
    match finding {
        "missing_there" => findings.missing_there += 1,
        _ => findings.came_back += 1,
    }
    authorizer_token::hasten(&mut tx, key, now).await?;
    let line = Line::new(Event::ListDiffers, json!({ "finding": finding }));
    history::append(&mut tx, &cx.random, (tenant, key), now, &line).await?;
    tx.commit().await
}

/// When a grant this young will have had its time; `None` for older ones and for moments that make no sense.
fn settles_at(entry: &ListEntry, now: Timestamp) -> Option<Timestamp> {
    let settled = entry.auth_time?.saturating_add(SETTLING);
    (now.unix() + 1..=now.unix() + 2 * SETTLING).contains(&settled).then(|| Timestamp::from_unix(settled))
}

async fn hold(
    cx: &Context,
    now: Timestamp,
    component: &ComponentAppid,
    entry: &ListEntry,
) -> Result<bool, StoreError> {
    let mut tx = cx.store.write().await?;
    let held = grant_code::hold_listed(&mut tx, &cx.random, now, (component, &entry.authorizer)).await?;
    tx.commit().await?;
    Ok(held)
}

fn next_night(now: Timestamp, spread: u64) -> Timestamp {
    let today = now.unix() - now.unix().rem_euclid(DAY) + NIGHT;
    let next = if today > now.unix() { today } else { today + DAY };
    Timestamp::from_unix(next).plus(Duration::from_secs(spread))
}

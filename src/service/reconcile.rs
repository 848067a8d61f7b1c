//! Compares WeChat's list of accounts with ours, each night and when something suggests it: accounts unknown here wait
//! for a platform admin, accounts unknown there and other tokens are verified by a refresh. What it found is kept.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use serde_json::json;

use crate::clock::{Clock, Timestamp};
use crate::domain::event::Event;
use crate::domain::finding::Finding;
use crate::domain::health::Health;
use crate::domain::ids::{AuthorizerAppid, AuthorizerKey, ComponentAppid};
use crate::store::authorizer_sweep::{self, Compared};
use crate::store::grant_ending;
use crate::store::history::{self, Line};
use crate::store::reconcile_report::{self, EXAMPLES, Report, Tally};
use crate::store::{StoreError, authorizer_state, authorizer_token, component, skip_unreadable};
use crate::wechat::api::api_get_authorizer_list::ListEntry;

use super::call_component::CallError;
use super::foreign_refresher::Evidence;
use super::{Context, foreign_refresher, listing};

const PAGE: i64 = 500;
/// After a run that did not finish.
const AGAIN: Duration = Duration::from_secs(900);
/// A grant younger than this is on its way through the code broker.
const SETTLING: i64 = 600;
/// 03:00 in Beijing.
const NIGHT: i64 = 19 * 3600;
const DAY: i64 = 86_400;

/// What a comparison found so far.
#[derive(Debug, Default)]
struct Findings {
    known: i64,
    tallies: BTreeMap<Finding, (i64, Vec<AuthorizerAppid>)>,
}

impl Findings {
    fn add(&mut self, finding: Finding, appid: &AuthorizerAppid) {
        let (accounts, examples) = self.tallies.entry(finding).or_default();
        *accounts += 1;
        if examples.len() < EXAMPLES {
            examples.push(appid.clone());
        }
    }

    fn into_report(self, at: Timestamp, listed: usize) -> Report {
        let tally = |(finding, (accounts, examples))| Tally { finding, accounts, examples };
        Report {
            at,
            listed: i64::try_from(listed).unwrap_or(i64::MAX),
            known: self.known,
            tallies: self.tallies.into_iter().map(tally).collect(),
        }
    }
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
        let page = authorizer_sweep::page_by_appid(&mut tx, &cx.vault, component, (&after, PAGE)).await?;
        drop(tx);
        let Some(last) = page.last() else { break };
        last.appid.as_str().clone_into(&mut after);
        for ours in page {
            findings.known += 1;
            let entry = unknown.remove(&ours.appid);
            if entry.is_none() && !listing.is_whole {
                continue;
            }
            if let Some(finding) = difference(&ours, entry) {
                findings.add(finding, &ours.appid);
                tell(cx, now, (component, ours), (finding, entry)).await?;
            }
        }
    }
    let next = hold_unknown(cx, now, component, (unknown, &mut findings)).await?;
    let report = findings.into_report(now, listing.entries.len());
    let mut tx = cx.store.write().await?;
    reconcile_report::put(&mut tx, component, &report).await?;
    component::plan_reconcile(&mut tx, component, next, Some(now)).await?;
    tx.commit().await?;
    tracing::info!(%component, ?report, "compared with WeChat's list");
    Ok(())
}

/// What is different about an account of ours. One that is paused is compared as well: so its refresh token is looked
/// after without a call of its own.
fn difference(ours: &Compared, entry: Option<&ListEntry>) -> Option<Finding> {
    let lives = ours.health.is_refreshed() || ours.health == Health::Paused;
    let lost =
        matches!(ours.health, Health::Unauthorized | Health::NeedsReauthorization | Health::NotExchanged);
    let Some(entry) = entry else { return lives.then_some(Finding::MissingThere) };
    let Some(told) = &entry.refresh_token else { return Some(Finding::NeverExchanged) };
    let same = ours.refresh_token.as_ref() == Some(told);
    match (same, lost, lives) {
        // Also with the token that we have: what was lost may have been a wrong word of WeChat's.
        (_, true, _) => Some(Finding::CameBack),
        (true, ..) | (_, false, false) => None,
        (false, false, true) => Some(Finding::OtherToken),
    }
}

/// A refresh shows who is right. The timeline tells it, unless the account is paused or nothing can be done.
async fn tell(
    cx: &Context,
    now: Timestamp,
    (component, ours): (&ComponentAppid, Compared),
    (finding, entry): (Finding, Option<&ListEntry>),
) -> Result<(), StoreError> {
    let key = AuthorizerKey { component: component.clone(), authorizer: ours.appid };
    if ours.health == Health::Paused || finding == Finding::NeverExchanged {
        return Ok(());
    }
    let mut tx = cx.store.write().await?;
    let Some(held) = authorizer_token::find(&mut tx, &cx.vault, &key).await? else { return Ok(()) };
    if held.token_obtained_at.is_some_and(|at| at >= now) {
        // Refreshed since the list was fetched: it may have been the old one that the list told.
        return Ok(());
    }
    authorizer_state::hasten(&mut tx, &key, now).await?;
    let line = Line::new(Event::ListDiffers, json!({ "finding": finding.as_str() }));
    history::append(&mut tx, &cx.random, (&held.tenant, &key), now, &line).await?;
    tx.commit().await?;
    let granted_since =
        entry.and_then(|entry| entry.auth_time).is_some_and(|at| at > held.authorized_at.unix() + SETTLING);
    if finding == Finding::OtherToken && held.refresh_token.is_some() && !granted_since {
        let evidence = (Evidence::RefreshToken, held.token_obtained_at);
        foreign_refresher::suspect(cx, now, (&held.tenant, &key), evidence).await?;
    }
    Ok(())
}

/// Accounts that only WeChat knows wait for a platform admin. Returns when to compare again.
async fn hold_unknown(
    cx: &Context,
    now: Timestamp,
    component: &ComponentAppid,
    (unknown, findings): (HashMap<&AuthorizerAppid, &ListEntry>, &mut Findings),
) -> Result<Timestamp, StoreError> {
    let mut next = next_night(now, cx.random.below(3600));
    for entry in unknown.into_values() {
        if let Some(settled) = settles_at(entry, now) {
            // Should nobody bring its code, it is to be seen today.
            next = next.min(settled);
            continue;
        }
        findings.add(Finding::MissingHere, &entry.authorizer);
        if entry.refresh_token.is_none() {
            findings.add(Finding::NeverExchanged, &entry.authorizer);
        }
        hold(cx, now, component, entry).await?;
    }
    Ok(next)
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
) -> Result<(), StoreError> {
    let mut tx = cx.store.write().await?;
    grant_ending::hold_listed(&mut tx, &cx.random, now, (component, &entry.authorizer)).await?;
    tx.commit().await
}

fn next_night(now: Timestamp, spread: u64) -> Timestamp {
    let today = now.unix() - now.unix().rem_euclid(DAY) + NIGHT;
    let next = if today > now.unix() { today } else { today + DAY };
    Timestamp::from_unix(next).plus(Duration::from_secs(spread))
}

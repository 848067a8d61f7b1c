//! WeChat's whole list of a component's accounts (api_get_authorizer_list), fetched by one caller at a time and shared
//! for a few seconds: a hundred accounts that lost their tokens cause one run of paging.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Mutex;

use crate::clock::{Clock, Stopwatch, Timestamp};
use crate::domain::ids::{AuthorizerAppid, ComponentAppid};
use crate::wechat::api::api_get_authorizer_list::{self, AuthorizerPage, ListEntry};

use super::Context;
use super::call_component::{self, CallError};

const PAGE: u64 = 500;
/// No list is so long that paging goes on for ever, whatever WeChat answers.
const PAGES: u64 = 20_000;
const FRESH: Duration = Duration::from_secs(20);

/// WeChat's list at a moment.
#[derive(Debug)]
pub struct Listing {
    pub started: Stopwatch,
    pub entries: HashMap<AuthorizerAppid, ListEntry>,
}

/// The newest list of each component. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct Listings(Arc<Mutex<HashMap<ComponentAppid, Arc<Listing>>>>);

/// A list whose paging was started no earlier than `not_before`: what is absent from it was absent then. The order is
/// that of the monotonic clock, because much happens within a second.
///
/// # Errors
/// See [`CallError`].
pub async fn fetch(
    cx: &Context,
    component: &ComponentAppid,
    not_before: Stopwatch,
) -> Result<Arc<Listing>, CallError> {
    let mut known = cx.listings.0.lock().await;
    if let Some(listing) = known.get(component).filter(|listing| listing.started >= not_before) {
        return Ok(Arc::clone(listing));
    }
    let started = Clock::stopwatch();
    let entries = page_through(cx, cx.clock.now(), component).await?;
    let listing = Arc::new(Listing { started, entries });
    known.insert(component.clone(), Arc::clone(&listing));
    Ok(listing)
}

/// The account's entry in a list of the last seconds, if there is one: good for finding a token to try, not for
/// saying that an account is gone.
pub async fn recent_entry(
    cx: &Context,
    component: &ComponentAppid,
    authorizer: &AuthorizerAppid,
) -> Option<ListEntry> {
    let known = cx.listings.0.lock().await;
    let listing = known.get(component)?;
    let fresh = listing.started.elapsed() < FRESH;
    listing.entries.get(authorizer).filter(|_| fresh).cloned()
}

/// All pages. Accounts that come or go meanwhile shift the pages, so the run is repeated once when the total changed.
async fn page_through(
    cx: &Context,
    now: Timestamp,
    component: &ComponentAppid,
) -> Result<HashMap<AuthorizerAppid, ListEntry>, CallError> {
    let mut entries = HashMap::new();
    for _ in 0..2 {
        let (first_total, last_total) = run_once(cx, now, component, &mut entries).await?;
        if first_total == last_total {
            break;
        }
    }
    Ok(entries)
}

async fn run_once(
    cx: &Context,
    now: Timestamp,
    component: &ComponentAppid,
    entries: &mut HashMap<AuthorizerAppid, ListEntry>,
) -> Result<(u64, u64), CallError> {
    let (mut offset, mut first_total, mut last_total) = (0, None, 0);
    for _ in 0..PAGES {
        let page = fetch_page(cx, now, component, offset).await?;
        last_total = page.total;
        first_total.get_or_insert(page.total);
        // Unreadable entries count: a page is short only when WeChat sent fewer.
        let count = page.received;
        offset += count;
        for entry in page.entries {
            entries.insert(entry.authorizer.clone(), entry);
        }
        if count == 0 || offset >= last_total {
            break;
        }
    }
    Ok((first_total.unwrap_or(0), last_total))
}

async fn fetch_page(
    cx: &Context,
    now: Timestamp,
    component: &ComponentAppid,
    offset: u64,
) -> Result<AuthorizerPage, CallError> {
    call_component::run(cx, now, component, |held| {
        let (cx, component) = (cx.clone(), component.clone());
        async move { api_get_authorizer_list::call(&cx.wechat, &component, &held.token, offset, PAGE).await }
    })
    .await
}

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
    /// Every page was turned: what is absent is absent.
    pub is_whole: bool,
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
    let (entries, is_whole) = page_through(cx, cx.clock.now(), component).await?;
    let listing = Arc::new(Listing { started, entries, is_whole });
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
) -> Result<(HashMap<AuthorizerAppid, ListEntry>, bool), CallError> {
    let mut entries = HashMap::new();
    let mut is_whole = true;
    for _ in 0..2 {
        let mut paging = Paging::default();
        for _ in 0..PAGES {
            let page = fetch_page(cx, now, component, paging.offset).await?;
            if !paging.take(page) {
                break;
            }
        }
        is_whole = !paging.repeats;
        let settled = paging.first_total == Some(paging.total);
        entries.extend(paging.entries);
        if settled {
            break;
        }
    }
    Ok((entries, is_whole))
}

/// One run through the pages.
#[derive(Default)]
struct Paging {
    offset: u64,
    first_total: Option<u64>,
    total: u64,
    entries: HashMap<AuthorizerAppid, ListEntry>,
    /// A page told nothing new: the server does not turn pages, and what is absent may be on another one.
    repeats: bool,
}

impl Paging {
    /// Takes a page in; whether to ask for another. The total is a hint: a full page has a successor all the same.
    fn take(&mut self, page: AuthorizerPage) -> bool {
        self.total = page.total;
        self.first_total.get_or_insert(page.total);
        // Unreadable entries count: a page is short only when WeChat sent fewer.
        self.offset += page.received;
        let (before, told) = (self.entries.len(), !page.entries.is_empty());
        self.entries.extend(page.entries.into_iter().map(|entry| (entry.authorizer.clone(), entry)));
        self.repeats = told && self.entries.len() == before;
        page.received > 0 && !self.repeats && (self.offset < self.total || page.received >= PAGE)
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    fn page(total: u64, numbers: std::ops::Range<u64>) -> AuthorizerPage {
        let entry = |number| ListEntry {
            authorizer: AuthorizerAppid::parse(&format!("wx{number}")).unwrap(),
            refresh_token: None,
            auth_time: None,
        };
        let received = numbers.end - numbers.start;
        AuthorizerPage { total, received, entries: numbers.map(entry).collect() }
    }

    #[test]
    fn pages_are_turned_until_the_total_is_reached() {
        let mut paging = Paging::default();
        assert!(paging.take(page(150, 0..100)), "a server may send fewer than were asked for");
        assert!(!paging.take(page(150, 100..150)));
        assert_eq!((paging.entries.len(), paging.repeats), (150, false));
    }

    #[test]
    fn a_full_page_is_followed_whatever_the_total_says() {
        let mut paging = Paging::default();
        assert!(paging.take(page(0, 0..PAGE)));
        assert!(!paging.take(page(0, PAGE..PAGE + 1)));
        assert_eq!((paging.entries.len(), paging.repeats), (501, false));
    }

    #[test]
    fn a_total_that_is_too_large_ends_with_an_empty_page() {
        let mut paging = Paging::default();
        assert!(paging.take(page(9, 0..3)));
        assert!(!paging.take(page(9, 3..3)));
        assert!(!paging.repeats);
    }

    #[test]
    fn a_server_that_sends_the_same_page_for_ever_is_no_witness_of_absence() {
        let mut paging = Paging::default();
        assert!(paging.take(page(2000, 0..PAGE)));
        assert!(!paging.take(page(2000, 0..PAGE)));
        assert!(paging.repeats);
    }
}

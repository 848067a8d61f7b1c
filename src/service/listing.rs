//! WeChat's whole list of a component's accounts (api_get_authorizer_list), fetched by one caller at a time and shared
//! for a few seconds, whether it came or not: a hundred accounts that lost their tokens cause one run of paging.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Mutex as Lane;

use crate::clock::{Clock, Stopwatch};
use crate::domain::ids::{AuthorizerAppid, ComponentAppid};
use crate::wechat::api::api_get_authorizer_list::{self, AuthorizerPage, ListEntry};

use super::Context;
use super::call_component::{self, CallError};

const PAGE: u64 = 500;
/// No list is so long that paging goes on for ever, whatever WeChat answers.
const PAGES: u64 = 20_000;
/// As long as a list may help to find a token.
const FRESH: Duration = Duration::from_secs(60);

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
pub struct Listings(Arc<Mutex<HashMap<ComponentAppid, Arc<Known>>>>);

/// What is known of one component's list.
#[derive(Debug, Default)]
struct Known {
    /// Held by whoever turns pages: one at a time.
    lane: Lane<()>,
    newest: Mutex<Newest>,
}

#[derive(Debug, Default)]
struct Newest {
    listing: Option<Arc<Listing>>,
    /// The last run through the pages that came to nothing, and when it was started.
    failure: Option<(Stopwatch, CallError)>,
}

impl Listings {
    fn of(&self, component: &ComponentAppid) -> Arc<Known> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(known.entry(component.clone()).or_default())
    }
}

impl Known {
    fn newest(&self) -> MutexGuard<'_, Newest> {
        self.newest.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What came of a run that was started no earlier than `not_before`.
    fn told_since(&self, not_before: Stopwatch) -> Option<Result<Arc<Listing>, CallError>> {
        let mut newest = self.newest();
        if let Some(listing) = newest.listing.as_ref().filter(|listing| listing.started >= not_before) {
            return Some(Ok(Arc::clone(listing)));
        }
        let (started, error) = newest.failure.take_if(|(started, _)| *started >= not_before)?;
        let (kept, told) = error.split();
        newest.failure = Some((started, kept));
        Some(Err(told))
    }

    fn put(&self, started: Stopwatch, told: Result<Listing, CallError>) -> Result<Arc<Listing>, CallError> {
        let mut newest = self.newest();
        match told {
            Ok(listing) => {
                let listing = Arc::new(listing);
                *newest = Newest { listing: Some(Arc::clone(&listing)), failure: None };
                Ok(listing)
            }
            Err(error) => {
                let (kept, told) = error.split();
                newest.failure = Some((started, kept));
                Err(told)
            }
        }
    }
}

/// A list whose paging was started no earlier than `not_before`: what is absent from it was absent then. The order is
/// that of the monotonic clock, because much happens within a second. A run that fails fails for everybody who waits for
/// it: a list that never comes is not asked for by one after the other.
///
/// # Errors
/// See [`CallError`].
pub async fn fetch(
    cx: &Context,
    component: &ComponentAppid,
    not_before: Stopwatch,
) -> Result<Arc<Listing>, CallError> {
    let known = cx.listings.of(component);
    if let Some(told) = known.told_since(not_before) {
        return told;
    }
    let _lane = known.lane.lock().await;
    if let Some(told) = known.told_since(not_before) {
        return told;
    }
    let started = Clock::stopwatch();
    let told = page_through(cx, component).await;
    known.put(started, told.map(|(entries, is_whole)| Listing { started, entries, is_whole }))
}

/// Waits until nobody turns the pages of a component's list.
pub async fn settled(cx: &Context, component: &ComponentAppid) {
    drop(cx.listings.of(component).lane.lock().await);
}

/// The account's entry in a list of the last minute, if there is one: good for finding a token to try, not for
/// saying that an account is gone.
pub fn recent_entry(
    cx: &Context,
    component: &ComponentAppid,
    authorizer: &AuthorizerAppid,
) -> Option<ListEntry> {
    let listing = cx.listings.of(component).newest().listing.clone()?;
    let fresh = listing.started.elapsed() < FRESH;
    listing.entries.get(authorizer).filter(|_| fresh).cloned()
}

/// All pages.
async fn page_through(
    cx: &Context,
    component: &ComponentAppid,
) -> Result<(HashMap<AuthorizerAppid, ListEntry>, bool), CallError> {
    let mut runs = Runs::default();
    while let Some(offset) = runs.next_page() {
        runs.take(fetch_page(cx, component, offset).await?);
    }
    Ok((runs.entries, runs.is_whole))
}

/// Accounts that come or go meanwhile shift the pages, so the run is repeated once when the total changed.
#[derive(Default)]
struct Runs {
    paging: Paging,
    pages: u64,
    done: u32,
    entries: HashMap<AuthorizerAppid, ListEntry>,
    /// The last run turned every page.
    is_whole: bool,
}

impl Runs {
    const MOST: u32 = 2;

    /// Where the next page begins; `None` when enough is known.
    fn next_page(&self) -> Option<u64> {
        (self.done < Self::MOST).then_some(self.paging.offset)
    }

    fn take(&mut self, page: AuthorizerPage) {
        self.pages += 1;
        if self.paging.take(page) && self.pages < PAGES {
            return;
        }
        let run = std::mem::take(&mut self.paging);
        self.pages = 0;
        self.is_whole = !run.repeats;
        let settled = run.first_total == Some(run.total);
        self.entries.extend(run.entries);
        self.done = if settled { Self::MOST } else { self.done + 1 };
    }
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
    component: &ComponentAppid,
    offset: u64,
) -> Result<AuthorizerPage, CallError> {
    call_component::ask(cx, component, |held| {
        let (cx, component) = (cx.clone(), component.clone());
        async move { api_get_authorizer_list::call(&cx.wechat, &component, &held.token, offset, PAGE).await }
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn entry(number: u64) -> ListEntry {
        ListEntry {
            authorizer: AuthorizerAppid::parse(&format!("wx{number}")).unwrap(),
            refresh_token: None,
            auth_time: None,
        }
    }

    fn page(total: u64, numbers: std::ops::Range<u64>) -> AuthorizerPage {
        let received = numbers.end - numbers.start;
        AuthorizerPage { total, received, entries: numbers.map(entry).collect() }
    }

    /// What happens at WeChat between two pages: an account comes (somewhere) or goes.
    #[derive(Clone, Debug)]
    enum Change {
        Comes(usize),
        Goes(usize),
        Nothing,
    }

    fn change() -> impl Strategy<Value = Change> {
        prop_oneof![
            6 => Just(Change::Nothing),
            1 => (0_usize..5000).prop_map(Change::Comes),
            1 => (0_usize..5000).prop_map(Change::Goes),
        ]
    }

    /// Pages through a list that changes as `changes` say. Returns the runs, those who were listed throughout, and
    /// whether anything went during the last run.
    fn page_through_a_lively_list(length: u64, changes: &[Change]) -> (Runs, Vec<u64>, bool, u64) {
        let mut list: Vec<u64> = (0..length).collect();
        let (mut newcomer, mut went, mut calls) = (1_000_000, false, 0);
        let mut changes = changes.iter();
        let mut runs = Runs::default();
        while let Some(offset) = runs.next_page() {
            if offset == 0 {
                went = false;
            }
            let numbers: Vec<u64> =
                list.iter().copied().skip(usize::try_from(offset).unwrap()).take(500).collect();
            let entries: Vec<ListEntry> = numbers.iter().map(|number| entry(*number)).collect();
            let total = u64::try_from(list.len()).unwrap();
            let received = u64::try_from(entries.len()).unwrap();
            runs.take(AuthorizerPage { total, received, entries });
            calls += 1;
            match changes.next() {
                Some(Change::Comes(place)) => {
                    newcomer += 1;
                    list.insert(place % (list.len() + 1), newcomer);
                }
                Some(Change::Goes(place)) if !list.is_empty() => {
                    list.remove(place % list.len());
                    went = true;
                }
                Some(Change::Goes(_) | Change::Nothing) | None => {}
            }
        }
        let stayed = list.into_iter().filter(|number| *number < length).collect();
        (runs, stayed, went, calls)
    }

    proptest! {
        #[test]
        fn a_quiet_list_of_any_size_is_read_once_and_whole(length in 0_u64..6000) {
            let (runs, stayed, _, calls) = page_through_a_lively_list(length, &[]);
            prop_assert_eq!((runs.entries.len(), runs.is_whole), (stayed.len(), true));
            // Only a list that ends with a full page may need one more look, and WeChat's total saves it.
            prop_assert_eq!(calls, length.div_ceil(500).max(1) + u64::from(length > 0 && length % 500 == 0));
        }

        #[test]
        fn pages_that_shift_lose_nobody_who_stayed(
            length in 0_u64..4000, changes in proptest::collection::vec(change(), 0..30)
        ) {
            let (runs, stayed, went, calls) = page_through_a_lively_list(length, &changes);
            prop_assert!(calls <= 40);
            for number in stayed.iter().filter(|_| !went) {
                prop_assert!(runs.entries.contains_key(&entry(*number).authorizer), "{number} was lost");
            }
        }
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

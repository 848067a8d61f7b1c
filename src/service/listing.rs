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
use super::paging::{PAGE, Runs};

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

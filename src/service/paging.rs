//! When WeChat's list of accounts has been read to its end, whatever moves in it meanwhile.

use std::collections::HashMap;

use crate::domain::ids::AuthorizerAppid;
use crate::wechat::api::api_get_authorizer_list::{AuthorizerPage, ListEntry};

/// How many accounts a page has at most.
pub(super) const PAGE: u64 = 500;
/// No list is so long that paging goes on for ever, whatever WeChat answers.
const PAGES: u64 = 20_000;

/// Accounts that come or go meanwhile shift the pages, so the run is repeated once when the total changed, and when it
/// ended with an empty page before the total: a page was lost, unless the next run ends in the same place.
#[derive(Default)]
pub(super) struct Runs {
    paging: Paging,
    pages: u64,
    done: u32,
    pub(super) entries: HashMap<AuthorizerAppid, ListEntry>,
    /// Where the last run ended, if that was before the total.
    short: Option<u64>,
    /// The last run turned every page.
    pub(super) is_whole: bool,
}

impl Runs {
    const MOST: u32 = 2;

    /// Where the next page begins; `None` when enough is known.
    pub(super) fn next_page(&self) -> Option<u64> {
        (self.done < Self::MOST).then_some(self.paging.offset)
    }

    pub(super) fn take(&mut self, page: AuthorizerPage) {
        self.pages += 1;
        if self.paging.take(page) && self.pages < PAGES {
            return;
        }
        let run = std::mem::take(&mut self.paging);
        self.pages = 0;
        let short = (run.offset < run.total).then_some(run.offset);
        self.is_whole = !run.repeats && (short.is_none() || short == self.short);
        self.short = short;
        let settled = run.first_total == Some(run.total) && (short.is_none() || run.repeats);
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

    /// Whether two runs of a page each, the last of which is empty, have told everything.
    fn after_short_runs(first: u64, second: u64) -> bool {
        let mut runs = Runs::default();
        for received in [first, second] {
            assert_eq!(runs.next_page(), Some(0));
            runs.take(page(9, 0..received));
            assert_eq!(runs.next_page(), Some(received));
            runs.take(page(9, received..received));
        }
        assert_eq!(runs.next_page(), None);
        assert_eq!(runs.entries.len() as u64, first.max(second));
        runs.is_whole
    }

    #[test]
    fn an_empty_page_before_the_total_is_believed_when_it_comes_again() {
        assert!(after_short_runs(3, 3), "the total is too large");
        assert!(!after_short_runs(3, 5), "pages get lost");
    }

    #[test]
    fn a_server_that_sends_the_same_page_for_ever_is_no_witness_of_absence() {
        let mut paging = Paging::default();
        assert!(paging.take(page(2000, 0..PAGE)));
        assert!(!paging.take(page(2000, 0..PAGE)));
        assert!(paging.repeats);
    }
}

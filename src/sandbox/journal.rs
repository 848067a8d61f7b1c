//! Which calls came in, when they ran and how they ended: a ring of the last ones and counts that are never lost.
//! The counts hold the highest number of calls in flight at once, which is how a test sees two parallel refreshes.

use std::collections::{BTreeMap, VecDeque};

use serde::Serialize;

use super::clip::clip;

/// Bodies are kept for `rid/get` and for people; longer ones are cut.
const BODY_KEPT: usize = 1500;
/// Counts by path and account are bounded: beyond this many, strangers share one line.
const COUNTS_KEPT: usize = 200_000;

#[derive(Clone, Debug, Serialize)]
pub struct Entry {
    pub seq: u64,
    pub path: String,
    /// The authorizer that the call is about, else the component, else empty.
    pub account: String,
    /// Unix seconds on the sandbox's clock.
    pub at: i64,
    /// Milliseconds since the sandbox started, on the machine's clock.
    pub started_ms: u64,
    /// Empty while the call runs.
    pub ended_ms: Option<u64>,
    pub errcode: Option<i64>,
    /// The fault that was injected.
    pub fault: Option<&'static str>,
    /// The call was processed and the caller could not know.
    pub in_doubt: bool,
    pub rid: String,
    pub client_ip: String,
    pub url: String,
    pub request: String,
    pub response: String,
}

/// What happened on one path for one account.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Count {
    pub calls: u64,
    pub errors: u64,
    pub in_doubt: u64,
    pub in_flight: u32,
    pub max_in_flight: u32,
    /// As `in_flight`, but a call whose caller hung up counts until it is processed.
    pub at_work: u32,
    pub max_at_work: u32,
    pub last_errcode: Option<i64>,
    pub last_at: i64,
}

/// How a call ended.
#[derive(Clone, Debug, Default)]
pub struct Ending {
    pub errcode: Option<i64>,
    pub fault: Option<&'static str>,
    pub in_doubt: bool,
    pub response: String,
    pub ended_ms: u64,
}

#[derive(Debug)]
pub struct Journal {
    entries: VecDeque<Entry>,
    next: u64,
    capacity: usize,
    counts: BTreeMap<(String, String), Count>,
}

impl Journal {
    pub fn new(capacity: usize) -> Self {
        Self { entries: VecDeque::new(), next: 1, capacity: capacity.max(1), counts: BTreeMap::new() }
    }

    /// Notes that a call began; the number returned ends it.
    pub fn begin(&mut self, mut entry: Entry) -> u64 {
        let seq = self.next;
        self.next += 1;
        let count = self.count_mut(&entry.path, &entry.account);
        count.calls += 1;
        count.last_at = entry.at;
        count.in_flight += 1;
        count.max_in_flight = count.max_in_flight.max(count.in_flight);
        count.at_work += 1;
        count.max_at_work = count.max_at_work.max(count.at_work);
        entry.seq = seq;
        entry.request = clip(&entry.request, BODY_KEPT);
        self.entries.push_back(entry);
        if self.entries.len() > self.capacity {
            self.entries.pop_front();
        }
        seq
    }

    pub fn end(&mut self, seq: u64, path: &str, account: &str, ending: &Ending) {
        let count = self.count_mut(path, account);
        count.in_flight = count.in_flight.saturating_sub(1);
        count.last_errcode = ending.errcode;
        count.errors += u64::from(ending.errcode.is_none_or(|errcode| errcode != 0));
        count.in_doubt += u64::from(ending.in_doubt);
        self.write(seq, ending);
    }

    /// The server is no longer at work on a call, whether or not anyone waited for the end of it.
    pub fn done(&mut self, path: &str, account: &str) {
        let count = self.count_mut(path, account);
        count.at_work = count.at_work.saturating_sub(1);
    }

    /// Completes a call whose caller had hung up: it was ended then, now it is known what became of it.
    pub fn write(&mut self, seq: u64, ending: &Ending) {
        if let Some(entry) = self.entry_mut(seq) {
            entry.ended_ms = Some(ending.ended_ms);
            entry.errcode = ending.errcode;
            entry.fault = ending.fault;
            entry.in_doubt = ending.in_doubt;
            entry.response = clip(&ending.response, BODY_KEPT);
        }
    }

    /// The last calls, newest first.
    pub fn newest(&self) -> impl Iterator<Item = &Entry> {
        self.entries.iter().rev()
    }

    pub fn with_rid(&self, rid: &str) -> Option<&Entry> {
        self.newest().find(|entry| entry.rid == rid)
    }

    /// Zeroes for what never happened.
    pub fn count(&self, path: &str, account: &str) -> Count {
        self.counts.get(&(path.to_owned(), account.to_owned())).cloned().unwrap_or_default()
    }

    pub fn counts(&self) -> impl Iterator<Item = (&str, &str, &Count)> {
        self.counts.iter().map(|((path, account), count)| (path.as_str(), account.as_str(), count))
    }

    /// Forgets what is over; calls in flight go on being counted.
    pub fn clear(&mut self) {
        self.entries.retain(|entry| entry.ended_ms.is_none());
        self.counts.retain(|_, count| count.at_work > 0);
        for count in self.counts.values_mut() {
            *count = Count {
                in_flight: count.in_flight,
                max_in_flight: count.in_flight,
                at_work: count.at_work,
                max_at_work: count.at_work,
                ..Count::default()
            };
        }
    }

    fn count_mut(&mut self, path: &str, account: &str) -> &mut Count {
        let key = (path.to_owned(), account.to_owned());
        let full = self.counts.len() >= COUNTS_KEPT && !self.counts.contains_key(&key);
        self.counts.entry(if full { (path.to_owned(), "…".to_owned()) } else { key }).or_default()
    }

    fn entry_mut(&mut self, seq: u64) -> Option<&mut Entry> {
        let first = self.entries.front()?.seq;
        let mut at = usize::try_from(seq.checked_sub(first)?).ok()?;
        // After `clear` the numbers have holes, so the guess may lie too far right.
        at = at.min(self.entries.len() - 1);
        (0..=at)
            .rev()
            .find(|index| self.entries[*index].seq == seq)
            .and_then(|index| self.entries.get_mut(index))
    }
}

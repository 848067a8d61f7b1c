//! Slowing down those who guess: a tally of failures that fades with time, and the wait that grows with it.

use std::net::{IpAddr, Ipv6Addr};
use std::time::Duration;

use crate::clock::Timestamp;

/// How many tries are free, how fast failures fade, how the wait grows.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    /// Failures without a wait.
    pub free: i64,
    /// One failure fades in this time.
    pub fades: Duration,
    /// The wait after the last free failure; it doubles with each further one.
    pub first_wait: Duration,
    pub longest_wait: Duration,
}

const fn minutes(count: u64) -> Duration {
    Duration::from_secs(count * 60)
}

/// One account from one address: somebody who guesses, or has forgotten.
pub const PAIR: Rule =
    Rule { free: 5, fades: minutes(10), first_wait: Duration::from_secs(15), longest_wait: minutes(15) };
/// One address with any account: a list of stolen passwords is tried out. An office behind one address passes.
pub const ADDRESS: Rule =
    Rule { free: 40, fades: minutes(1), first_wait: Duration::from_secs(5), longest_wait: minutes(10) };
/// One account from any address, unless it is known there: many machines guess together. Slower, never shut.
pub const ACCOUNT: Rule =
    Rule { free: 20, fades: minutes(5), first_wait: Duration::from_secs(5), longest_wait: minutes(1) };
/// Letters that one address may have sent to one account.
pub const LETTERS: Rule =
    Rule { free: 3, fades: minutes(20), first_wait: minutes(10), longest_wait: minutes(60) };
/// Letters with links for merchants to one recipient.
pub const LINK_LETTERS: Rule =
    Rule { free: 20, fades: minutes(20), first_wait: minutes(10), longest_wait: minutes(60) };

/// What counts as one address: a home or an office has a whole /64 of the newer ones.
pub fn place(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(v4) => IpAddr::V4(v4),
        IpAddr::V6(v6) => {
            let [a, b, c, d, ..] = v6.segments();
            IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
    }
}

/// One failure.
const ONE: i64 = 1000;

/// Failures so far, faded up to `at`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tally {
    /// In thousandths of a failure.
    pub score: i64,
    pub at: Timestamp,
    /// Refused before this moment.
    pub until: Timestamp,
}

impl Tally {
    pub const fn none(now: Timestamp) -> Self {
        Self { score: 0, at: now, until: Timestamp::EPOCH }
    }

    /// How long to wait; `None` when one may try.
    pub fn wait(&self, now: Timestamp) -> Option<Duration> {
        (now < self.until).then(|| now.until(self.until))
    }

    /// One try more, counted before it is known how it ends, so that many at once are counted too.
    #[must_use]
    pub fn counted(self, rule: &Rule, now: Timestamp) -> Self {
        let score = self.faded(rule, now).saturating_add(ONE);
        let over = rounded(score) - rule.free;
        let until = if over < 0 { self.until } else { now.plus(wait_after(rule, over)) };
        Self { score, at: now, until }
    }

    /// The try was none of a guesser: as if it had not been.
    #[must_use]
    pub fn refunded(self, rule: &Rule, now: Timestamp) -> Self {
        let score = (self.faded(rule, now) - ONE).max(0);
        let until = if rounded(score) < rule.free { Timestamp::EPOCH } else { self.until };
        Self { score, at: now, until }
    }

    /// From then on it says nothing any more.
    pub fn forget_at(&self, rule: &Rule) -> Timestamp {
        let fades = u64::try_from(self.score).unwrap_or(0).saturating_mul(rule.fades.as_secs()) / 1000;
        self.at.plus(Duration::from_secs(fades + 1)).max(self.until)
    }

    fn faded(&self, rule: &Rule, now: Timestamp) -> i64 {
        let seconds = i64::try_from(now.since(self.at).as_secs()).unwrap_or(i64::MAX);
        let fade = i64::try_from(rule.fades.as_secs()).unwrap_or(i64::MAX).max(1);
        (self.score - seconds.saturating_mul(ONE) / fade).max(0)
    }
}

/// Waiting one's turn out does not make one failure less of it.
const fn rounded(score: i64) -> i64 {
    (score + ONE / 2) / ONE
}

fn wait_after(rule: &Rule, over: i64) -> Duration {
    let doublings = u32::try_from(over).unwrap_or(u32::MAX).min(20);
    Duration::from_secs(rule.first_wait.as_secs() << doublings).min(rule.longest_wait)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const START: Timestamp = Timestamp::from_unix(1_800_000_000);

    fn after(failures: usize) -> Tally {
        (0..failures).fold(Tally::none(START), |tally, _| tally.counted(&PAIR, START))
    }

    #[test]
    fn some_failures_are_free_then_the_wait_doubles_up_to_its_end() {
        let waits: Vec<u64> =
            (4..=13).map(|n| after(n).wait(START).map_or(0, |wait| wait.as_secs())).collect();
        assert_eq!(waits, [0, 15, 30, 60, 120, 240, 480, 900, 900, 900]);
    }

    #[test]
    fn failures_fade() {
        let tally = after(6);
        let later = START.plus(PAIR.fades * 3);
        assert_eq!(tally.counted(&PAIR, later).score, 4 * ONE);
        assert_eq!(tally.counted(&PAIR, later).wait(later), None);
        assert_eq!(tally.forget_at(&PAIR), START.plus(PAIR.fades * 6 + Duration::from_secs(1)));
    }

    #[test]
    fn a_refund_takes_one_back() {
        assert_eq!(
            after(5).refunded(&PAIR, START),
            Tally { score: 4 * ONE, at: START, until: Timestamp::EPOCH }
        );
    }

    proptest! {
        #[test]
        fn nobody_waits_longer_than_the_longest(spans in proptest::collection::vec(0_u64..2000, 0..60)) {
            let mut now = START;
            let mut tally = Tally::none(now);
            for span in spans {
                now = now.plus(Duration::from_secs(span));
                tally = tally.counted(&PAIR, now);
                prop_assert!(tally.wait(now).unwrap_or_default() <= PAIR.longest_wait);
                prop_assert!(tally.forget_at(&PAIR) > now);
            }
        }
    }
}

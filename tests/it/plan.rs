//! A day of 50,000 accounts by the plan alone, without database or network: due accounts take the next free slot, each
//! call takes 300 ms, the scheduler looks once a second. `hufu bench plan` does the same through the whole engine.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::time::Duration;

use hufu::clock::Timestamp;
use hufu::domain::refresh_plan;

const ACCOUNTS: i64 = 50_000;
const LIFE: i64 = 7200;
const DAY: i64 = 86_400;
const SLOTS: usize = 32;
/// In tenths of a second, as every moment below that is not called seconds.
const CALL: i64 = 3;

struct Day {
    calls: i64,
    /// What any token had left when the next one was there, in seconds.
    least_left: i64,
    /// From the planned moment to the call's start, sorted.
    late: Vec<i64>,
}

/// A day that begins with tokens of these ages, in seconds.
fn live(age: impl Fn(i64) -> i64) -> Day {
    let mut chance = Chance(1);
    let mut due: BinaryHeap<Reverse<(i64, i64)>> = BinaryHeap::new();
    for account in 0..ACCOUNTS {
        let obtained = -age(account);
        due.push(Reverse((plan(obtained, &mut chance), obtained)));
    }
    let mut slots: BinaryHeap<Reverse<i64>> = (0..SLOTS).map(|_| Reverse(0)).collect();
    let mut day = Day { calls: 0, least_left: LIFE, late: Vec::new() };
    while let Some(Reverse((planned, obtained))) = due.pop().filter(|Reverse((planned, _))| *planned < DAY) {
        let Reverse(free) = slots.pop().unwrap();
        // The scheduler may have looked just before.
        let begin = free.max(planned * 10 + 10);
        slots.push(Reverse(begin + CALL));
        day.calls += 1;
        day.late.push(begin - planned * 10);
        day.least_left = day.least_left.min(obtained + LIFE - (begin + CALL) / 10);
        due.push(Reverse((plan(begin / 10, &mut chance), begin / 10)));
    }
    day.late.sort_unstable();
    day
}

/// Seconds in, seconds out; they may lie before the day.
fn plan(obtained: i64, chance: &mut Chance) -> i64 {
    let life = Duration::from_secs(LIFE.unsigned_abs());
    refresh_plan::planned(Timestamp::from_unix(obtained), life, chance.jitter()).unix().max(0)
}

/// A fast generator: the plan wants a jitter 750,000 times.
struct Chance(u64);

impl Chance {
    fn jitter(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        f64::from(u32::try_from(self.0 >> 33).unwrap()) / f64::from(1_u32 << 30) - 1.0
    }
}

fn keeps_its_promises(day: &Day) {
    let least = ACCOUNTS * DAY / (LIFE * 8 / 10);
    assert!(day.least_left >= 300, "a token had only {} s left", day.least_left);
    assert!(
        day.calls * 100 >= least * 95 && day.calls * 100 <= least * 105,
        "{} calls, the least is {least}",
        day.calls
    );
    let p99 = day.late[day.late.len() * 99 / 100];
    assert!(p99 < 100, "one of a hundred calls is more than {p99} tenths of a second late");
}

#[test]
fn fifty_thousand_accounts_of_any_age_live_a_day_on_time_within_one_nodes_slots() {
    keeps_its_promises(&live(|account| account * 7919 % (LIFE * 8 / 10)));
}

#[test]
fn fifty_thousand_tokens_of_one_moment_do_not_come_back_as_a_herd() {
    keeps_its_promises(&live(|_| 0));
}

//! How many refreshes may begin now: so many a second for each component, whatever waits. The processes that share a
//! database share the budget.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::clock::Timestamp;
use crate::domain::ids::ComponentAppid;

/// What is not used now may be used within this time: a tick that comes late loses nothing.
const KEPT: Duration = Duration::from_secs(2);

/// What each component may still begin. Clones are the same budgets.
#[derive(Clone, Debug, Default)]
pub struct Budgets(Arc<Mutex<HashMap<ComponentAppid, Bucket>>>);

#[derive(Clone, Copy, Debug)]
struct Bucket {
    left: f64,
    filled_at: Timestamp,
}

impl Budgets {
    /// Takes up to `wanted` refreshes out of a component's budget of `rate` a second. Returns how many there are.
    pub fn take(&self, component: &ComponentAppid, (now, rate): (Timestamp, f64), wanted: usize) -> usize {
        let mut buckets = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let full = || Bucket { left: rate.max(1.0), filled_at: now };
        let bucket = buckets.entry(component.clone()).or_insert_with(full);
        bucket.fill(now, rate);
        bucket.take(wanted)
    }

    /// Puts back what was taken and not used.
    pub fn give_back(&self, component: &ComponentAppid, unused: usize) {
        let mut buckets = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(bucket) = buckets.get_mut(component) {
            bucket.left += float(unused);
        }
    }
}

impl Bucket {
    fn fill(&mut self, now: Timestamp, rate: f64) {
        // A clock that was set back fills nothing, and is believed from then on.
        let gained = rate * now.since(self.filled_at).as_secs_f64();
        let most = (rate * KEPT.as_secs_f64()).max(1.0);
        self.left = (self.left + gained).min(most.max(self.left));
        self.filled_at = now;
    }

    fn take(&mut self, wanted: usize) -> usize {
        let mut taken = 0;
        while taken < wanted && self.left >= 1.0 {
            self.left -= 1.0;
            taken += 1;
        }
        taken
    }
}

#[expect(clippy::cast_precision_loss, reason = "at most some thousands")]
fn float(count: usize) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_unix(1_800_000_000 + seconds)
    }

    fn platform() -> ComponentAppid {
        ComponentAppid::parse("wxplatform").unwrap()
    }

    #[test]
    fn a_second_brings_what_the_rate_allows_and_a_pause_no_more_than_two() {
        let (budgets, wx) = (Budgets::default(), platform());
        assert_eq!(budgets.take(&wx, (at(0), 20.0), 999), 20);
        assert_eq!(budgets.take(&wx, (at(0), 20.0), 999), 0);
        assert_eq!(budgets.take(&wx, (at(1), 20.0), 5), 5);
        assert_eq!(budgets.take(&wx, (at(1), 20.0), 999), 15);
        assert_eq!(budgets.take(&wx, (at(3600), 20.0), 999), 40);
    }

    #[test]
    fn a_share_below_one_adds_up() {
        let (budgets, wx) = (Budgets::default(), platform());
        let begun: usize = (0..40).map(|second| budgets.take(&wx, (at(second), 0.25), 9)).sum();
        assert_eq!(begun, 1 + 9, "one at the start, then one in four seconds");
    }

    #[test]
    fn what_was_not_used_is_there_again_and_a_clock_set_back_does_not_stop_it() {
        let (budgets, wx) = (Budgets::default(), platform());
        assert_eq!(budgets.take(&wx, (at(0), 8.0), 8), 8);
        budgets.give_back(&wx, 3);
        assert_eq!(budgets.take(&wx, (at(0), 8.0), 8), 3);
        assert_eq!(budgets.take(&wx, (at(-5000), 8.0), 8), 0);
        assert_eq!(budgets.take(&wx, (at(-4999), 8.0), 8), 8);
    }

    #[test]
    fn components_have_budgets_of_their_own() {
        let (budgets, wx) = (Budgets::default(), platform());
        assert_eq!(budgets.take(&wx, (at(0), 8.0), 8), 8);
        let other = ComponentAppid::parse("wxother").unwrap();
        assert_eq!(budgets.take(&other, (at(0), 8.0), 8), 8);
    }
}

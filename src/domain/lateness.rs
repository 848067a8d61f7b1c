//! How late refreshes begin after the moment they were planned for: counted in buckets, told in quantiles.

use std::time::Duration;

/// The longest lateness of each bucket but the last, in seconds.
pub const BOUNDS: [u64; 8] = [1, 2, 5, 10, 30, 60, 300, 1800];

/// How many refreshes were how late. Two of them can be added up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Lateness {
    /// One number for each of [`BOUNDS`] and one for everything later, each refresh counted once.
    pub counts: [i64; BOUNDS.len() + 1],
    /// The latest of them, in seconds.
    pub max: i64,
}

impl Lateness {
    pub fn of(late: Duration) -> Self {
        let mut one = Self { max: i64::try_from(late.as_secs()).unwrap_or(i64::MAX), ..Self::default() };
        let place = BOUNDS.iter().position(|bound| late.as_secs() <= *bound).unwrap_or(BOUNDS.len());
        one.counts[place] = 1;
        one
    }

    pub fn add(&mut self, other: &Self) {
        for (count, more) in self.counts.iter_mut().zip(other.counts) {
            *count += more;
        }
        self.max = self.max.max(other.max);
    }

    /// How many there are.
    pub fn count(&self) -> i64 {
        self.counts.iter().sum()
    }

    pub fn max(&self) -> Duration {
        Duration::from_secs(u64::try_from(self.max).unwrap_or(0))
    }

    /// That many percent were no later than this. Never less than the truth: it is the end of a bucket, or the
    /// maximum. `None` when nothing was counted.
    pub fn percentile(&self, percent: i64) -> Option<Duration> {
        let total = self.count();
        if total == 0 {
            return None;
        }
        let mut seen = 0;
        for (count, bound) in self.counts.iter().zip(BOUNDS) {
            seen += count;
            if seen * 100 >= total * percent {
                return Some(Duration::from_secs(bound).min(self.max()));
            }
        }
        Some(self.max())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn of(seconds: &[u64]) -> Lateness {
        let mut all = Lateness::default();
        for late in seconds {
            all.add(&Lateness::of(Duration::from_secs(*late)));
        }
        all
    }

    #[test]
    fn nothing_has_no_percentiles() {
        assert_eq!(Lateness::default().percentile(50), None);
    }

    #[test]
    fn a_percentile_is_the_end_of_its_bucket_and_no_later_than_the_latest() {
        let late = of(&[0, 0, 0, 4, 3000]);
        assert_eq!(late.percentile(50), Some(Duration::from_secs(1)));
        assert_eq!(late.percentile(80), Some(Duration::from_secs(5)));
        assert_eq!(late.percentile(95), Some(Duration::from_secs(3000)));
        assert_eq!(of(&[0, 0]).percentile(95), Some(Duration::ZERO));
    }

    proptest! {
        #[test]
        fn a_percentile_is_never_less_than_the_truth(
            mut late in prop::collection::vec(0_u64..10_000, 1..60), percent in 1_usize..=100
        ) {
            let told = of(&late).percentile(i64::try_from(percent).unwrap()).unwrap().as_secs();
            late.sort_unstable();
            let rank = (late.len() * percent).div_ceil(100).max(1);
            prop_assert!(told >= late[rank - 1]);
            prop_assert!(told <= *late.last().unwrap());
        }
    }
}

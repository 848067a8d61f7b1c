//! How long tokens still live, in the classes that charts and metrics tell.

/// The end of each class but the first, which is over, and the last, which has none; in minutes.
pub const BOUNDS: [i64; 5] = [5, 15, 30, 60, 90];

/// How many tokens are in each class: over, then less than each of [`BOUNDS`], then the rest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TimeLeft(pub [i64; BOUNDS.len() + 2]);

impl TimeLeft {
    /// The classes' names in metrics.
    pub const NAMES: [&str; BOUNDS.len() + 2] =
        ["over", "under_5m", "under_15m", "under_30m", "under_60m", "under_90m", "more"];

    pub fn total(&self) -> i64 {
        self.0.iter().sum()
    }

    /// Tokens that are over.
    pub const fn over(&self) -> i64 {
        self.0[0]
    }

    pub fn add(&mut self, other: &Self) {
        for (count, more) in self.0.iter_mut().zip(other.0) {
            *count += more;
        }
    }
}

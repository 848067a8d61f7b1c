//! The only file that reads the clock. Everyone else takes a [`Timestamp`] or a [`Clock`] as an argument, so
//! that a test can say what time it is.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// A moment as whole Unix seconds, the precision WeChat itself speaks in and the form every column stores.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

impl Timestamp {
    pub const EPOCH: Self = Self(0);
    /// Later than anything that happens; stands for "never" in a column that must sort.
    pub const FAR_FUTURE: Self = Self(253_402_300_799);

    pub const fn from_unix(seconds: i64) -> Self {
        Self(seconds)
    }

    pub const fn unix(self) -> i64 {
        self.0
    }

    /// How long ago `earlier` was; zero when it lies ahead.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_secs(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }

    /// How long until `later`; zero when it has passed.
    pub fn until(self, later: Self) -> Duration {
        later.since(self)
    }

    #[must_use]
    pub fn plus(self, span: Duration) -> Self {
        Self(self.0.saturating_add(i64::try_from(span.as_secs()).unwrap_or(i64::MAX)).min(Self::FAR_FUTURE.0))
    }

    #[must_use]
    pub fn minus(self, span: Duration) -> Self {
        Self(self.0.saturating_sub(i64::try_from(span.as_secs()).unwrap_or(i64::MAX)))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// Tells the time: the machine's, or one that a test or the sandbox sets by hand. Clones share one hand.
#[derive(Clone, Debug)]
pub struct Clock(Source);

#[derive(Clone, Debug)]
enum Source {
    System,
    /// The machine's clock moved by so many seconds.
    Shifted(Arc<AtomicI64>),
    Manual(Arc<AtomicI64>),
}

impl Clock {
    pub const fn system() -> Self {
        Self(Source::System)
    }

    /// A clock that stands still until it is told otherwise.
    pub fn manual(start: Timestamp) -> Self {
        Self(Source::Manual(Arc::new(AtomicI64::new(start.unix()))))
    }

    /// A clock that runs with the machine's and can be moved (the sandbox's virtual time).
    pub fn shiftable() -> Self {
        Self(Source::Shifted(Arc::new(AtomicI64::new(0))))
    }

    #[expect(clippy::disallowed_methods, reason = "this file is the one place that reads the clock")]
    pub fn now(&self) -> Timestamp {
        let machine = || {
            let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
            i64::try_from(since_epoch.as_secs()).unwrap_or(i64::MAX)
        };
        Timestamp(match &self.0 {
            Source::System => machine(),
            Source::Shifted(shift) => machine().saturating_add(shift.load(Ordering::SeqCst)),
            Source::Manual(at) => at.load(Ordering::SeqCst),
        })
    }

    /// Moves a manual or shiftable clock; the machine's own clock does not move.
    pub fn advance(&self, span: Duration) {
        let seconds = i64::try_from(span.as_secs()).unwrap_or(i64::MAX);
        match &self.0 {
            Source::System => {}
            Source::Shifted(at) | Source::Manual(at) => {
                at.fetch_add(seconds, Ordering::SeqCst);
            }
        }
    }

    /// A real wait, whatever this clock shows: only for looking again at what somebody else is doing.
    #[expect(clippy::disallowed_methods, reason = "the one place that waits, for spans below a second")]
    pub async fn pause(span: Duration) {
        tokio::time::sleep(span).await;
    }

    /// Measures a span on the monotonic clock, for latencies only.
    #[expect(clippy::disallowed_methods, reason = "this file is the one place that reads the clock")]
    pub fn stopwatch() -> Stopwatch {
        Stopwatch(Instant::now())
    }
}

/// A running measurement, see [`Clock::stopwatch`]. Of two, the smaller was started first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Stopwatch(Instant);

impl Stopwatch {
    pub fn elapsed(self) -> Duration {
        self.0.elapsed()
    }
}

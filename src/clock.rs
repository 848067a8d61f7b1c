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
    /// Runs with the monotonic clock and is steered: by the database's clock where several processes share one, else by
    /// this machine's.
    Steered(Arc<Steered>),
    /// The machine's clock moved by so many seconds.
    Shifted(Arc<AtomicI64>),
    Manual(Arc<AtomicI64>),
}

/// Unix time as the sum of a monotonic span and the moment at which that span began.
#[derive(Debug)]
struct Steered {
    hands: Hands,
    began_ms: AtomicI64,
}

/// The two clocks of a machine: one that somebody may set, and one that only goes on.
#[derive(Debug)]
enum Hands {
    Machine(Instant),
    Test { wall_ms: AtomicI64, monotonic_ms: AtomicI64 },
}

impl Clock {
    /// The machine's time as it is now, going on with the monotonic clock. Whoever sets the machine's clock does not
    /// set this one: see [`Clock::behind`] and [`Clock::steer`].
    #[expect(clippy::disallowed_methods, reason = "this file is the one place that reads the clock")]
    pub fn system() -> Self {
        Self::with_hands(Hands::Machine(Instant::now()))
    }

    /// As [`Clock::system`] on a machine of a test, whose hands [`Clock::advance`] moves together and
    /// [`Clock::set_wall`] apart.
    pub fn two_handed(start: Timestamp) -> Self {
        let wall_ms = AtomicI64::new(start.unix() * 1000);
        Self::with_hands(Hands::Test { wall_ms, monotonic_ms: AtomicI64::new(0) })
    }

    fn with_hands(hands: Hands) -> Self {
        let began_ms = AtomicI64::new(hands.wall_ms().saturating_sub(hands.monotonic_ms()));
        Self(Source::Steered(Arc::new(Steered { hands, began_ms })))
    }

    /// A clock that stands still until it is told otherwise.
    pub fn manual(start: Timestamp) -> Self {
        Self(Source::Manual(Arc::new(AtomicI64::new(start.unix()))))
    }

    /// A clock that runs with the machine's and can be moved (the sandbox's virtual time).
    pub fn shiftable() -> Self {
        Self(Source::Shifted(Arc::new(AtomicI64::new(0))))
    }

    pub fn now(&self) -> Timestamp {
        Timestamp(match &self.0 {
            Source::Steered(steered) => steered.now_ms().div_euclid(1000),
            Source::Shifted(shift) => (machine_ms() / 1000).saturating_add(shift.load(Ordering::SeqCst)),
            Source::Manual(at) => at.load(Ordering::SeqCst),
        })
    }

    /// By how many milliseconds this clock is behind the true time (negative: ahead of it). The truth is `told`, Unix
    /// time of the database's clock, or without it what the machine's clock shows. `None` for a clock that is set by
    /// hand.
    pub fn behind(&self, told: Option<Duration>) -> Option<i64> {
        let Source::Steered(steered) = &self.0 else { return None };
        let told = told.map(|told| i64::try_from(told.as_millis()).unwrap_or(i64::MAX));
        Some(told.unwrap_or_else(|| steered.hands.wall_ms()).saturating_sub(steered.now_ms()))
    }

    /// Moves a clock that is not set by hand by so many milliseconds.
    pub fn steer(&self, milliseconds: i64) {
        if let Source::Steered(steered) = &self.0 {
            steered.began_ms.fetch_add(milliseconds, Ordering::SeqCst);
        }
    }

    /// Moves a clock of a test or of the sandbox; the machine's own clock does not move.
    pub fn advance(&self, span: Duration) {
        let seconds = i64::try_from(span.as_secs()).unwrap_or(i64::MAX);
        match &self.0 {
            Source::Steered(steered) => steered.hands.advance(seconds.saturating_mul(1000)),
            Source::Shifted(at) | Source::Manual(at) => {
                at.fetch_add(seconds, Ordering::SeqCst);
            }
        }
    }

    /// Somebody sets the clock of a test's machine, by so many seconds; nothing else moves.
    pub fn set_wall(&self, seconds: i64) {
        if let Source::Steered(steered) = &self.0
            && let Hands::Test { wall_ms, .. } = &steered.hands
        {
            wall_ms.fetch_add(seconds.saturating_mul(1000), Ordering::SeqCst);
        }
    }

    /// A real wait, whatever this clock shows: only for looking again at what somebody else is doing, whether the
    /// database is back, and for keeping a claim alive beside the work that it is for.
    #[expect(clippy::disallowed_methods, reason = "the one place that waits, for a few seconds at most")]
    pub async fn pause(span: Duration) {
        tokio::time::sleep(span).await;
    }

    /// Measures a span on the monotonic clock, for latencies only.
    #[expect(clippy::disallowed_methods, reason = "this file is the one place that reads the clock")]
    pub fn stopwatch() -> Stopwatch {
        Stopwatch(Instant::now())
    }
}

impl Steered {
    fn now_ms(&self) -> i64 {
        self.began_ms.load(Ordering::SeqCst).saturating_add(self.hands.monotonic_ms())
    }
}

impl Hands {
    fn wall_ms(&self) -> i64 {
        match self {
            Self::Machine(_) => machine_ms(),
            Self::Test { wall_ms, .. } => wall_ms.load(Ordering::SeqCst),
        }
    }

    fn monotonic_ms(&self) -> i64 {
        match self {
            Self::Machine(began) => i64::try_from(began.elapsed().as_millis()).unwrap_or(i64::MAX),
            Self::Test { monotonic_ms, .. } => monotonic_ms.load(Ordering::SeqCst),
        }
    }

    fn advance(&self, milliseconds: i64) {
        if let Self::Test { wall_ms, monotonic_ms } = self {
            wall_ms.fetch_add(milliseconds, Ordering::SeqCst);
            monotonic_ms.fetch_add(milliseconds, Ordering::SeqCst);
        }
    }
}

/// What the machine's clock shows, in milliseconds since 1970.
#[expect(clippy::disallowed_methods, reason = "this file is the one place that reads the clock")]
fn machine_ms() -> i64 {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since_epoch.as_millis()).unwrap_or(i64::MAX)
}

impl Stopwatch {
    /// One that was started so long ago, for a test that cannot wait.
    #[must_use]
    pub fn earlier(self, span: Duration) -> Self {
        Self(self.0.checked_sub(span).unwrap_or(self.0))
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

#[cfg(test)]
mod tests {
    use super::*;

    const START: Timestamp = Timestamp::from_unix(1_800_000_000);

    #[test]
    fn a_clock_that_is_set_does_not_move_ours_until_it_is_steered() {
        let clock = Clock::two_handed(START);
        clock.advance(Duration::from_secs(5));
        clock.set_wall(3600);
        assert_eq!(clock.now(), START.plus(Duration::from_secs(5)));

        assert_eq!(clock.behind(None), Some(3_600_000));
        clock.steer(3_600_000);

        assert_eq!((clock.now().unix(), clock.behind(None)), (START.unix() + 3605, Some(0)));
    }

    #[test]
    fn the_databases_clock_counts_more_than_the_machines() {
        let clock = Clock::two_handed(START);
        clock.set_wall(-3600);
        let told = Duration::from_millis(1_800_000_000_250);
        assert_eq!(clock.behind(Some(told)), Some(250));
    }

    #[test]
    fn a_clock_that_is_set_by_hand_is_not_steered() {
        for clock in [Clock::manual(START), Clock::shiftable()] {
            assert_eq!(clock.behind(Some(Duration::from_secs(1))), None);
            let before = clock.now();
            clock.steer(-86_400_000);
            assert!(clock.now() >= before);
        }
    }

    #[test]
    fn the_machines_clock_tells_the_machines_time() {
        let clock = Clock::system();
        assert!(clock.behind(None).is_some_and(|behind| behind.abs() < 1000));
        assert!(clock.now() > Timestamp::from_unix(1_600_000_000));
    }
}

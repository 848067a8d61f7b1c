//! The places at which a test kills this program: with `HUFU_CRASH_AT=after_journal:3` it dies by SIGKILL the third time
//! it gets there; with `HUFU_STOP_AT` it stands still by SIGSTOP until somebody sends SIGCONT. A release build knows
//! nothing of it.

/// The variables that name the place.
pub const VARIABLES: [&str; 2] = ["HUFU_CRASH_AT", "HUFU_STOP_AT"];

/// Whether this build can be killed and stopped so.
pub const ENABLED: bool = cfg!(debug_assertions);

/// Dies here when a test asked for it; does nothing otherwise.
#[cfg(not(debug_assertions))]
pub const fn reached(_name: &'static str) {}

/// Dies or stands still here when a test asked for it; does nothing otherwise.
#[cfg(debug_assertions)]
pub fn reached(name: &'static str) {
    use std::sync::LazyLock;

    use rustix::process::{Signal, getpid, kill_process};
    static PLANS: LazyLock<[(Signal, Option<plan::Plan>); 2]> = LazyLock::new(|| {
        let plan = |variable| std::env::var(variable).ok().as_deref().and_then(plan::Plan::parse);
        let [crash, stop] = VARIABLES;
        [(Signal::KILL, plan(crash)), (Signal::STOP, plan(stop))]
    });
    for (signal, plan) in PLANS.iter() {
        if plan.as_ref().is_some_and(|plan| plan.is_fulfilled_by(name)) {
            // No destructor, no flush, no last word: as the kernel does it when memory runs out.
            let _ = kill_process(getpid(), *signal);
        }
    }
}

#[cfg(debug_assertions)]
mod plan {
    use std::sync::atomic::{AtomicU64, Ordering};

    /// Where to die, and how often to get there before.
    pub(super) struct Plan {
        name: String,
        left: AtomicU64,
    }

    impl Plan {
        /// `before_call` or `before_call:3`.
        pub(super) fn parse(text: &str) -> Option<Self> {
            let (name, times) = text.split_once(':').unwrap_or((text, "1"));
            let times = times.parse().ok().filter(|times| *times > 0)?;
            (!name.is_empty()).then(|| Self { name: name.to_owned(), left: AtomicU64::new(times) })
        }

        pub(super) fn is_fulfilled_by(&self, name: &str) -> bool {
            self.name == name && self.left.fetch_sub(1, Ordering::SeqCst) == 1
        }
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn the_place_is_counted_and_other_places_are_not() {
            let plan = Plan::parse("after_journal:2").unwrap();
            let reached = ["before_call", "after_journal", "before_call", "after_journal", "after_journal"];
            assert_eq!(reached.map(|name| plan.is_fulfilled_by(name)), [false, false, false, true, false]);
            assert!(Plan::parse("after_journal").unwrap().is_fulfilled_by("after_journal"));
        }

        #[test]
        fn what_is_no_place_kills_nobody() {
            for text in ["", ":1", "before_call:", "before_call:0", "before_call:x"] {
                assert!(Plan::parse(text).is_none(), "{text:?}");
            }
        }
    }
}

//! Keeps callers from waiting for a database that does not answer: after a failure one of them tries again every second,
//! the others are told at once.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::clock::{Clock, Stopwatch};

const AGAIN_AFTER: Duration = Duration::from_secs(1);

#[derive(Debug, Default)]
pub(super) struct Breaker(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    failed: Option<Stopwatch>,
    /// Somebody finds out whether it answers again.
    trying: bool,
}

/// Leave to ask the database. Dropped without a word it changes nothing: its holder's client hung up.
#[derive(Debug)]
pub(super) struct Pass<'a>(&'a Breaker);

impl Breaker {
    /// `None`: it failed a moment ago.
    pub(super) fn enter(&self) -> Option<Pass<'_>> {
        let mut state = self.state();
        match state.failed {
            None => {}
            Some(at) if !state.trying && at.elapsed() >= AGAIN_AFTER => state.trying = true,
            Some(_) => return None,
        }
        Some(Pass(self))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Pass<'_> {
    pub(super) fn answered(self) {
        self.0.state().failed = None;
    }

    pub(super) fn failed(self) {
        self.0.state().failed = Some(Clock::stopwatch());
    }
}

impl Drop for Pass<'_> {
    fn drop(&mut self) {
        self.0.state().trying = false;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn after_a_failure_nobody_waits_and_an_answer_lets_all_in_again() {
        let breaker = Breaker::default();
        breaker.enter().unwrap().failed();
        assert!(breaker.enter().is_none());

        Pass(&breaker).answered();
        assert!(breaker.enter().is_some() && breaker.enter().is_some());
    }
}

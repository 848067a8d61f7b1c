//! Who climbs the recovery ladder: few at a time, beside the slots of those who are well. A list of WeChat's that comes
//! late keeps the lost waiting and nobody else.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Even where few calls may be in flight at once, so many climb.
const LEAST: usize = 4;
/// How many wait or climb for each slot. Whoever waits renews its claim, so that too has its bound.
const LINE: usize = 4;
/// How long somebody waits for a place: as long as a few runs through a list that is never answered.
const PATIENCE: Duration = Duration::from_secs(60);

/// The places on the ladder and in the line before it. Clones are the same.
#[derive(Clone, Debug)]
pub struct Ladder {
    line: Arc<Semaphore>,
    rungs: Arc<Semaphore>,
    patience: Duration,
}

impl Ladder {
    /// Beside so many slots for refreshes.
    pub fn new(slots: usize) -> Self {
        let rungs = (slots / 4).max(LEAST);
        let line = rungs.max(slots).saturating_mul(LINE);
        Self {
            line: Arc::new(Semaphore::new(line)),
            rungs: Arc::new(Semaphore::new(rungs)),
            patience: PATIENCE,
        }
    }

    /// A place in the line, for as long as it is kept; `None` when it is too long.
    pub(super) fn queue(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.line).try_acquire_owned().ok()
    }

    /// Waits for a place on the ladder; `None` when that takes too long.
    pub(super) async fn step_on(&self) -> Option<OwnedSemaphorePermit> {
        let rung = Arc::clone(&self.rungs).acquire_owned();
        tokio::time::timeout(self.patience, rung).await.ok()?.ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_quarter_of_the_slots_climb_and_the_line_has_an_end() {
        for (slots, climbing, in_line) in [(64, 16, 256), (1, 4, 16)] {
            let ladder = Ladder::new(slots);
            let line: Vec<_> = std::iter::from_fn(|| ladder.queue()).collect();
            assert_eq!((line.len(), ladder.rungs.available_permits()), (in_line, climbing));
            let rung = ladder.step_on().await;
            assert_eq!(ladder.rungs.available_permits(), climbing - 1);
            drop((line, rung));
            assert!(ladder.queue().is_some() && ladder.rungs.available_permits() == climbing);
        }
    }

    #[tokio::test]
    async fn nobody_waits_for_a_place_for_ever() {
        let ladder = Ladder { patience: Duration::from_millis(20), ..Ladder::new(1) };
        let mut climbing = Vec::new();
        for _ in 0..LEAST {
            climbing.push(ladder.step_on().await.unwrap());
        }

        let waiting = tokio::time::timeout(PATIENCE, ladder.step_on()).await;

        assert!(waiting.expect("it ends by itself").is_none());
        drop(climbing);
        assert!(ladder.step_on().await.is_some());
    }
}

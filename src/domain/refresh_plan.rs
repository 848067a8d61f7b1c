//! When to refresh and when to try again. Pure; chance comes in as a fraction.

use std::time::Duration;

use crate::clock::Timestamp;

/// Share of the token's life after which it is refreshed, and how much of its life the jitter may move that.
const SHARE: f64 = 0.80;
const JITTER: f64 = 0.05;

/// How long a refresh may hold its account. Longer than the client's deadline, so that a living holder never
/// loses it.
pub const LEASE: Duration = Duration::from_secs(20);

/// Between two refreshes of an account that failed through no fault of its own.
pub const AFTER_PLATFORM: Duration = Duration::from_secs(60);

/// Between two refresh runs of one account, whatever happens.
const FLOOR: Duration = Duration::from_secs(60);

const LONGEST_PAUSE: Duration = Duration::from_secs(300);

/// The shortest span between the beginnings of two refresh runs of an account: a minute, or half of its token's life when
/// that is shorter, as in a sandbox. `life` is zero while there is no token.
pub fn floor(life: Duration) -> Duration {
    if life.is_zero() { FLOOR } else { FLOOR.min(Duration::from_secs((life.as_secs() / 2).max(1))) }
}

/// The planned refresh of a token: at 80 % of its life, give or take 5 %. `jitter` is from -1 to 1.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a positive number of seconds")]
pub fn planned(obtained_at: Timestamp, life: Duration, jitter: f64) -> Timestamp {
    let share = SHARE + JITTER * jitter.clamp(-1.0, 1.0);
    let wait = (life.as_secs_f64() * share).floor().max(1.0);
    obtained_at.plus(Duration::from_secs(wait as u64))
}

/// The next try after `failures` failures in a row (1 for the first): 5 s doubling up to 5 min, but never so far that
/// fewer than six tries fit before the token ends.
pub fn retry(now: Timestamp, failures: i64, token_expires_at: Option<Timestamp>, jitter: f64) -> Timestamp {
    let doublings = u32::try_from(failures.clamp(1, 10) - 1).unwrap_or(0);
    let mut pause = Duration::from_secs(5 << doublings).min(LONGEST_PAUSE);
    let left = token_expires_at.map_or(Duration::ZERO, |end| now.until(end));
    if !left.is_zero() {
        pause = pause.min(left / 6);
    }
    let spread = 1.0 + 0.2 * jitter.clamp(-1.0, 1.0);
    now.plus(pause.mul_f64(spread).max(Duration::from_secs(2)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_token_is_refreshed_between_three_and_nearly_nine_tenths_of_its_life(
            life in 20_u64..100_000, jitter in -1.0_f64..1.0
        ) {
            let at = planned(Timestamp::EPOCH, Duration::from_secs(life), jitter).unix();
            let life = i64::try_from(life).unwrap();
            prop_assert!(at * 100 >= life * 75 - 100 && at * 100 <= life * 85);
        }

        #[test]
        fn the_floor_is_a_minute_at_most_and_never_in_the_way_of_the_plan(
            life in 4_u64..100_000, jitter in -1.0_f64..1.0
        ) {
            let life = Duration::from_secs(life);
            let floor = floor(life);
            prop_assert!(floor >= Duration::from_secs(1) && floor <= Duration::from_secs(60));
            prop_assert!(floor == Duration::from_secs(60) || life < Duration::from_secs(120));
            prop_assert!(Timestamp::EPOCH.plus(floor) <= planned(Timestamp::EPOCH, life, jitter));
        }

        #[test]
        fn a_token_of_two_hours_is_tried_six_times_before_it_ends(
            first in -1.0_f64..1.0, jitters in proptest::collection::vec(-1.0_f64..1.0, 6)
        ) {
            let life = Duration::from_secs(7200);
            let end = Timestamp::EPOCH.plus(life);
            let mut at = planned(Timestamp::EPOCH, life, first);
            for (failures, jitter) in (1..=5).zip(jitters) {
                // Each try takes as long as a call may: the client's deadline.
                let ended = at.plus(Duration::from_secs(8));
                at = retry(ended, failures, Some(end), jitter).max(at.plus(floor(life)));
            }
            prop_assert!(at < end, "the sixth try is at {at}");
        }

        #[test]
        fn a_retry_lies_ahead_and_leaves_room_for_more(
            failures in 1_i64..50, left in 60_u64..7200, jitter in -1.0_f64..1.0
        ) {
            let end = Timestamp::EPOCH.plus(Duration::from_secs(left));
            let at = retry(Timestamp::EPOCH, failures, Some(end), jitter);
            prop_assert!(at > Timestamp::EPOCH);
            prop_assert!(at.unix() * 5 <= i64::try_from(left).unwrap() + 10);
        }
    }

    #[test]
    fn an_account_without_a_token_has_the_usual_floor() {
        assert_eq!(floor(Duration::ZERO), Duration::from_secs(60));
    }

    #[test]
    fn an_expired_token_is_tried_again_within_six_minutes_however_often_it_failed() {
        let at = retry(Timestamp::EPOCH, 40, None, 1.0);
        assert!(at.unix() <= 360);
    }
}

//! The last 24 hours of an account as a strip: when its token was valid, and when a renewal failed.

use std::time::Duration;

use crate::clock::Timestamp;
use crate::domain::authorizer::Authorizer;
use crate::store::history_list::Attempted;
use crate::web::account::Gaze;
use crate::web::when::hour_minute;
use crate::web::words::fill;

const DAY: Duration = Duration::from_secs(24 * 3600);
/// The strip's width: one for each minute.
pub const WIDTH: u64 = 1440;
/// Two tokens that follow each other this closely leave no gap.
const SEAM: Duration = Duration::from_secs(5);

/// Ready to print.
#[derive(Clone, Debug)]
pub struct Strip {
    /// The same in words.
    pub text: String,
    pub valid: Vec<Piece>,
    /// The time before the account was ours.
    pub before: Option<Piece>,
    /// Places of failed renewals.
    pub failed: Vec<u64>,
    /// Clock times at the start, the quarters and the end.
    pub scale: Vec<String>,
}

/// Place and width.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Piece {
    pub x: u64,
    pub width: u64,
}

/// From a moment on, up to another.
type Span = (Timestamp, Timestamp);

impl Strip {
    pub fn of(one: &Authorizer, attempts: &[Attempted], gaze: &Gaze) -> Self {
        let window = (gaze.now.minus(DAY), gaze.now);
        let known = (known_since(one, attempts).max(window.0), window.1);
        let valid = spans(one, attempts, known);
        let within: Vec<&Attempted> =
            attempts.iter().filter(|attempt| attempt.started_at >= window.0).collect();
        let succeeded = within.iter().filter(|attempt| attempt.succeeded()).count();
        let failures = within.iter().filter(|attempt| failed(attempt));
        let mut failed: Vec<u64> =
            failures.clone().map(|attempt| place(attempt.started_at, window)).collect();
        failed.dedup();
        let phrase = if known.0 > window.0 { gaze.w.detail.strip_new } else { gaze.w.detail.strip_text };
        let numbers = [percent(&valid, known), succeeded.to_string(), failures.count().to_string()];
        Self {
            text: fill(phrase, &[&numbers[0], &numbers[1], &numbers[2]]),
            valid: valid.into_iter().map(|span| piece(span, window)).collect(),
            before: (known.0 > window.0).then(|| piece((window.0, known.0), window)),
            failed,
            scale: (0..=4).map(|quarter| hour_minute(window.0.plus(DAY / 4 * quarter), gaze.zone)).collect(),
        }
    }
}

/// Since when anything is known of it: the newest grant, or a refresh before it.
fn known_since(one: &Authorizer, attempts: &[Attempted]) -> Timestamp {
    attempts.first().map_or(one.authorized_at, |first| first.started_at.min(one.authorized_at))
}

fn failed(attempt: &Attempted) -> bool {
    matches!(attempt.outcome.as_deref(), Some("failed" | "in_doubt"))
}

/// When a token was valid within the window: overlapping tokens are one span.
fn spans(one: &Authorizer, attempts: &[Attempted], window: Span) -> Vec<Span> {
    let mut spans: Vec<Span> = attempts.iter().filter_map(span_of).collect();
    let first_after_grant = spans.iter().map(|(from, _)| *from).find(|from| *from >= one.authorized_at);
    spans.extend(
        first_after_grant.map(|next| (one.authorized_at, next.min(one.authorized_at.plus(FIRST_LIFE)))),
    );
    spans.extend(one.token_obtained_at.zip(one.token_expires_at));
    spans.sort_unstable();
    // The newest token ends when the row says so: a cancellation ends it early.
    if let (Some(newest), Some(end)) = (spans.last_mut(), one.token_expires_at) {
        newest.1 = newest.1.min(end);
    }
    let clipped = spans.into_iter().map(|(from, until)| (from.max(window.0), until.min(window.1)));
    let mut merged: Vec<Span> = Vec::new();
    for (from, until) in clipped.filter(|(from, until)| from < until) {
        match merged.last_mut() {
            Some(last) if from <= last.1.plus(SEAM) => last.1 = last.1.max(until),
            _ => merged.push((from, until)),
        }
    }
    merged
}

/// The first token of a grant is not in the journal of refreshes: it lasts until the first refresh, two hours at most.
const FIRST_LIFE: Duration = Duration::from_secs(7200);

fn span_of(attempt: &Attempted) -> Option<Span> {
    let from = attempt.ended_at.unwrap_or(attempt.started_at);
    attempt.token_expires_at.filter(|_| attempt.succeeded()).map(|until| (from, until))
}

/// Whole percents, and 100 only when nothing is missing.
fn percent(valid: &[Span], window: Span) -> String {
    let covered: u64 = valid.iter().map(|(from, until)| from.until(*until).as_secs()).sum();
    let whole = window.0.until(window.1).as_secs().max(1);
    (covered * 100 / whole).min(100).to_string()
}

fn place(at: Timestamp, window: Span) -> u64 {
    window.0.until(at).as_secs() * WIDTH / DAY.as_secs()
}

/// At least one wide, so that a token of a minute is seen.
fn piece((from, until): Span, window: Span) -> Piece {
    let x = place(from, window);
    Piece { x, width: (place(until, window).saturating_sub(x)).max(1) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::text::Lang;
    use crate::web::samples::{self, NOW, ago, ahead};
    use crate::web::shell::Shell;
    use proptest::prelude::*;

    fn attempt(minutes: u64, outcome: &str) -> Attempted {
        Attempted {
            started_at: ago(minutes),
            ended_at: Some(ago(minutes)),
            outcome: Some(outcome.to_owned()),
            token_expires_at: (outcome == "succeeded").then(|| ago(minutes).plus(Duration::from_secs(7200))),
        }
    }

    fn strip(authorized: u64, token: Option<(Timestamp, Timestamp)>, attempts: &[Attempted]) -> Strip {
        let mut one = samples::authorizers().pop().unwrap();
        one.authorized_at = ago(authorized);
        one.token_obtained_at = token.map(|token| token.0);
        one.token_expires_at = token.map(|token| token.1);
        Strip::of(&one, attempts, &Gaze::new(&Shell::sample(Lang::En), NOW))
    }

    #[test]
    fn tokens_that_follow_each_other_are_one_piece() {
        let attempts: Vec<Attempted> = (0..16).rev().map(|n| attempt(10 + n * 96, "succeeded")).collect();
        let strip = strip(99_999, Some((ago(10), ahead(110))), &attempts);
        assert_eq!(strip.valid, [Piece { x: 0, width: 1440 }]);
        assert!(strip.text.contains("100%") && strip.text.contains("15 renewals"), "{}", strip.text);
    }

    #[test]
    fn an_outage_is_a_gap_with_its_failures() {
        let attempts = [
            attempt(600, "succeeded"),
            attempt(470, "failed"),
            attempt(100, "failed"),
            attempt(60, "succeeded"),
        ];
        let strip = strip(99_999, Some((ago(60), ahead(60))), &attempts);
        assert_eq!(strip.valid, [Piece { x: 840, width: 120 }, Piece { x: 1380, width: 60 }]);
        assert_eq!(strip.failed, [970, 1340]);
    }

    #[test]
    fn the_time_before_the_grant_is_not_a_failure() {
        let strip = strip(30, Some((ago(30), ahead(90))), &[]);
        assert_eq!(strip.before, Some(Piece { x: 0, width: 1410 }));
        assert_eq!(strip.valid, [Piece { x: 1410, width: 30 }]);
        assert!(strip.text.starts_with("Since authorization the token was valid 100%"), "{}", strip.text);
    }

    #[test]
    fn a_cancellation_ends_the_newest_token_early() {
        let strip = strip(99_999, Some((ago(60), ago(20))), &[attempt(60, "succeeded")]);
        assert_eq!(strip.valid, [Piece { x: 1380, width: 40 }]);
    }

    proptest! {
        #[test]
        fn no_piece_leaves_the_strip(at in proptest::collection::vec((0_u64..1560, any::<bool>()), 0..40), granted in 0_u64..3000) {
            let mut at = at;
            at.sort_unstable_by(|a, b| b.cmp(a));
            let attempts: Vec<Attempted> =
                at.iter().map(|(minutes, good)| attempt(*minutes, if *good { "succeeded" } else { "failed" })).collect();
            let strip = strip(granted, None, &attempts);
            for piece in strip.valid.iter().chain(strip.before.iter()) {
                prop_assert!(piece.x + piece.width <= WIDTH + 1, "{piece:?}");
            }
            prop_assert!(strip.valid.windows(2).all(|pair| pair[0].x + pair[0].width <= pair[1].x + 1));
        }
    }
}

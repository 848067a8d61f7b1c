//! Ends what has lapsed and forgets what nobody needs any more. History stays.

use std::time::Duration;

use crate::clock::Timestamp;
use crate::store::grant_ending;
use crate::store::{
    StoreError, attempt, authorization_ending, authorizer_count, incident, invitation, letter, notice,
    passkey, person_link, pulse, refresh_tally, session, throttle, time_left_tally,
};

use super::{Context, press_link};

const NAME: &str = "clean_up";
const FOLD: &str = "fold_counts";
const FOLD_EVERY: Duration = Duration::from_secs(60);
const EVERY: Duration = Duration::from_secs(600);
/// Every lane and every probe comes round far more often.
const UNCONFIRMED: Duration = Duration::from_secs(3 * 3600);

/// Somebody who tries many accounts from many addresses must not fill the disk.
const MOST_TALLIES: i64 = 200_000;

const fn days(count: u64) -> Duration {
    Duration::from_secs(count * 86_400)
}

/// # Errors
/// When the database does not answer.
pub async fn run(cx: &Context, now: Timestamp) -> Result<(), StoreError> {
    fold_counts(cx, now).await?;
    let last = pulse::last(&mut cx.store.read().await?, NAME).await?;
    if last.is_some_and(|at| now.since(at) < EVERY) {
        return Ok(());
    }
    let mut tx = cx.store.write().await?;
    let incidents = incident::close_unconfirmed(&mut tx, now.minus(UNCONFIRMED), now).await?;
    let lapsed = authorization_ending::lapse(&mut tx, now).await?;
    let sessions = session::forget_lapsed(&mut tx, now).await?;
    let attempts = attempt::forget_old(&mut tx, now.minus(days(7))).await?;
    let tallies = refresh_tally::forget_old(&mut tx, now.minus(days(8))).await?;
    let notices = notice::forget_old(&mut tx, (now.minus(days(1)), now.minus(days(30)))).await?;
    let codes = grant_ending::forget_old(&mut tx, now.minus(days(30))).await?;
    let letters = letter::forget_old(&mut tx, now.minus(days(30))).await?;
    time_left_tally::forget(&mut tx, now.minus(days(1)), now).await?;
    let presses = press_link::forget_old(&mut tx, (now, now.minus(days(180)))).await?;
    invitation::forget_old(&mut tx, now.minus(days(30))).await?;
    person_link::forget_lapsed(&mut tx, now).await?;
    passkey::forget_questions(&mut tx, now).await?;
    throttle::forget_old(&mut tx, now, MOST_TALLIES).await?;
    pulse::forget_schedulers(&mut tx, now.minus(days(1))).await?;
    pulse::beat(&mut tx, NAME, now, "").await?;
    tx.commit().await?;
    tracing::debug!(
        incidents,
        lapsed,
        sessions,
        attempts,
        tallies,
        notices,
        codes,
        letters,
        presses,
        "cleaned up"
    );
    Ok(())
}

/// Keeps the counts of accounts short: on PostgreSQL each change of a state is a row until then.
async fn fold_counts(cx: &Context, now: Timestamp) -> Result<(), StoreError> {
    let last = pulse::last(&mut cx.store.read().await?, FOLD).await?;
    if !cx.store.is_shared() || last.is_some_and(|at| now.since(at) < FOLD_EVERY) {
        return Ok(());
    }
    let mut tx = cx.store.write().await?;
    authorizer_count::fold(&mut tx, 1000).await?;
    pulse::beat(&mut tx, FOLD, now, "").await?;
    tx.commit().await
}

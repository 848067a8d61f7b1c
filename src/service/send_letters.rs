//! Sends the letters that are due. A busy mail server gets another try, later each time, for a day; one that refuses the
//! letter does not. A letter whose process dies between the server's answer and the record goes out twice.

use std::time::Duration;

use futures_util::future::join_all;

use crate::clock::Timestamp;
use crate::mail::{Mailer, Outgoing, Unsent};
use crate::store::StoreError;
use crate::store::letter::{self, Claimed, Outcome};

use super::Context;
use super::letter::Composed;
use super::{password_reset, sign_up};

/// Letters under way at once.
const AT_ONCE: i64 = 8;
/// Longer than any conversation with the server lasts.
const LEASE: Duration = Duration::from_secs(180);
/// Given up this long after it was queued.
const GIVE_UP: Duration = Duration::from_secs(24 * 3600);
const FIRST_PAUSE: u64 = 60;
const LONGEST_PAUSE: u64 = 3600;

/// # Errors
/// When the database does not answer.
pub async fn run(cx: &Context, now: Timestamp) -> Result<(), StoreError> {
    let Some(mailer) = &cx.settings.mail else { return Ok(()) };
    password_reset::write_letters(cx, now).await?;
    if cx.settings.sign_up {
        sign_up::write_letters(cx, now).await?;
    }
    if !letter::is_due(&mut cx.store.read().await?, now).await? {
        return Ok(());
    }
    let mut tx = cx.store.write().await?;
    let claimed = letter::claim_due(&mut tx, &cx.vault, now, (AT_ONCE, LEASE)).await?;
    tx.commit().await?;
    let outcomes = join_all(claimed.iter().map(|one| send(mailer, now, one))).await;
    let mut tx = cx.store.write().await?;
    for (one, outcome) in claimed.iter().zip(&outcomes) {
        letter::record(&mut tx, (&one.id, one.tries), now, outcome).await?;
    }
    tx.commit().await?;
    for (one, outcome) in claimed.iter().zip(&outcomes) {
        tell(one, outcome);
    }
    Ok(())
}

async fn send(mailer: &Mailer, now: Timestamp, letter: &Claimed) -> Outcome {
    let Some(composed) = Composed::unpack(&letter.content) else {
        return Outcome::GivenUp("the letter cannot be read".to_owned());
    };
    let Composed { subject, text, html } = composed;
    let outgoing = Outgoing { id: &letter.id, to: &letter.to, subject, text, html };
    match mailer.send(now, outgoing).await {
        Ok(()) => Outcome::Sent,
        Err(Unsent::ForGood(problem)) => Outcome::GivenUp(problem),
        Err(Unsent::ForNow(problem)) if now.since(letter.queued_at) >= GIVE_UP => Outcome::GivenUp(problem),
        Err(Unsent::ForNow(problem)) => Outcome::Later(now.plus(pause(letter.tries)), problem),
    }
}

/// One minute after the first try, twice as long after each further one, at most an hour.
fn pause(tries: i64) -> Duration {
    let doublings = u32::try_from(tries.saturating_sub(1)).unwrap_or(u32::MAX);
    let seconds = FIRST_PAUSE.checked_shl(doublings.min(16)).unwrap_or(LONGEST_PAUSE);
    Duration::from_secs(seconds.min(LONGEST_PAUSE))
}

/// The address stays out of the log.
fn tell(letter: &Claimed, outcome: &Outcome) {
    let (id, kind) = (letter.id.as_str(), letter.kind.as_str());
    let name = match outcome {
        Outcome::Sent => "sent",
        Outcome::Later(_, problem) => {
            tracing::warn!(letter = id, kind, tries = letter.tries, problem, "a letter has to wait");
            "delayed"
        }
        Outcome::GivenUp(problem) => {
            tracing::error!(letter = id, kind, tries = letter.tries, problem, "a letter was given up");
            "given_up"
        }
    };
    metrics::counter!("hufu_letters_total", "kind" => kind, "outcome" => name).increment(1);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pause_doubles_up_to_an_hour() {
        let minutes: Vec<u64> = (1..=8).map(|tries| pause(tries).as_secs() / 60).collect();
        assert_eq!(minutes, [1, 2, 4, 8, 16, 32, 60, 60]);
        assert_eq!(pause(i64::MAX).as_secs(), LONGEST_PAUSE);
    }
}

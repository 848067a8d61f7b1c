//! Keeps this process' clock with the one that counts, and beats. On a shared database that is the database's clock, else
//! the machine's. When that clock is set, what is timed by it is moved along: nobody loses a claim or gets one early.

use std::time::Duration;

use crate::clock::{Clock, Timestamp};
use crate::store::{Reader, StoreError, Writer, database_clock, lease, pulse};

use super::{Context, age_health};

/// A smaller difference is not worth a correction. Milliseconds.
const SLACK: i64 = 200;
/// A larger one means that somebody set a clock.
const STEP: i64 = 2000;
/// How often a database that answers late is asked for its time at the start.
const LOOKS: u32 = 3;

/// Beats at `now`. Returns the moment to go on with: another one when the clock was found to be set.
///
/// # Errors
/// When the database does not answer; the clock goes on as it went.
pub async fn run(cx: &Context, now: Timestamp) -> Result<Timestamp, StoreError> {
    let mut tx = cx.store.write().await?;
    let (behind, _) = look(cx, &mut tx).await?;
    let behind = if behind.abs() >= SLACK { behind } else { 0 };
    let from = cx.clock.now();
    // Before this transaction ends: nobody shall meet what was moved with a clock that was not.
    cx.clock.steer(behind);
    let now = if behind.abs() > STEP { cx.clock.now() } else { now };
    let beaten = async {
        if behind.abs() > STEP {
            step(&mut tx, (from, now)).await?;
        }
        let holder = &cx.settings.holder;
        pulse::beat(&mut tx, pulse::SCHEDULER, now, holder).await?;
        pulse::beat(&mut tx, &pulse::scheduler_of(holder), now, "").await?;
        tx.commit().await
    };
    beaten.await.inspect_err(|_| cx.clock.steer(-behind))?;
    Ok(now)
}

/// Takes over the time of the clock that counts, whatever this machine's shows.
///
/// # Errors
/// When the database does not answer.
pub async fn take_over(cx: &Context) -> Result<(), StoreError> {
    let mut tx = cx.store.read().await?;
    for _ in 0..LOOKS {
        let (behind, doubt) = look(cx, &mut tx).await?;
        cx.clock.steer(behind);
        if doubt < SLACK {
            break;
        }
    }
    Ok(())
}

/// By how many milliseconds at least this process' clock is behind the one that counts (negative: ahead of it), and how
/// much of it is in doubt. A database that is asked while it is slow tells a time that may be as old as its answer is
/// late: so much of being ahead is nobody's doing.
async fn look(cx: &Context, tx: &mut Reader) -> Result<(i64, i64), StoreError> {
    let asked = Clock::stopwatch();
    let told = database_clock::read(tx).await?;
    let behind = cx.clock.behind(told).unwrap_or(0);
    let late = told.map_or(0, |_| i64::try_from(asked.elapsed().as_millis()).unwrap_or(i64::MAX));
    let certain = if behind < 0 { behind.saturating_add(late).min(0) } else { behind };
    Ok((certain, late))
}

/// Before the first beat: makes good what happened to the clock while nobody looked.
///
/// # Errors
/// When the database does not answer.
pub async fn catch_up(cx: &Context) -> Result<(), StoreError> {
    let now = cx.clock.now();
    let mut tx = cx.store.write().await?;
    // No clock shows less than it did. At least so far it was set back; how long nobody looked is not known.
    let last = pulse::last(&mut tx, pulse::SCHEDULER).await?;
    let slack = Duration::from_millis(STEP.unsigned_abs());
    let Some(last) = last.filter(|last| last.minus(slack) > now) else { return Ok(()) };
    let distrusted = lease::distrust_future(&mut tx, now).await?;
    tracing::warn!(distrusted, "tokens that were obtained in the future count as ended");
    step(&mut tx, (last, now)).await?;
    tx.commit().await?;
    age_health::run(cx, now).await
}

/// The clock that counts was set from the first to the second moment. One process of all moves the rest along.
async fn step(tx: &mut Writer, (from, to): (Timestamp, Timestamp)) -> Result<(), StoreError> {
    metrics::counter!("hufu_clock_steps_total").increment(1);
    tracing::warn!(from = from.unix(), to = to.unix(), "the clock was set; leases and plans are moved along");
    if pulse::step(tx, pulse::SCHEDULER, (from, to)).await? {
        lease::shift(tx, (from, to)).await?;
    }
    Ok(())
}

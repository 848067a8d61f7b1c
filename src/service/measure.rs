//! Measures what only the database knows, for `/metrics` and the overviews: every 15 seconds what costs next to nothing, once a minute
//! what reads an index from end to end: that one process does, and the others tell what it found.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use crate::clock::Timestamp;
use crate::domain::component::ComponentStatus;
use crate::domain::health::{Health, Mover};
use crate::domain::reason::Reason;
use crate::domain::time_left::TimeLeft;
use crate::store::incident_list::Listed;
use crate::store::{Reader, StoreError, component, incident_list, platform_counts, pulse, time_left};

use super::{Context, count_time_left};

/// Where the process that counted leaves its counts for the others.
pub(super) const NAME: &str = "measure";
const OFTEN: Duration = Duration::from_secs(15);
const SELDOM: Duration = Duration::from_secs(60);
/// A queue is not counted any further.
const LONGEST_QUEUE: i64 = 10_000;

/// When this process last measured. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct Measured(Arc<Moments>);

#[derive(Debug, Default)]
struct Moments {
    often: AtomicI64,
    seldom: AtomicI64,
}

/// Whether it is time again; then the next time is counted from now.
fn is_due(last: &AtomicI64, now: Timestamp, every: Duration) -> bool {
    let before = Timestamp::from_unix(last.load(Ordering::SeqCst));
    // A clock that was set back does not stop the measuring.
    let due = now.since(before) >= every || before > now;
    if due {
        last.store(now.unix(), Ordering::SeqCst);
    }
    due
}

/// # Errors
/// When the database does not answer.
pub async fn run(cx: &Context, now: Timestamp) -> Result<(), StoreError> {
    cx.shelf.wipe_opened();
    let Measured(last) = &cx.measured;
    if is_due(&last.often, now, OFTEN) {
        measure_platform(&mut cx.store.read().await?, now).await?;
        count_time_left::run(cx, now).await?;
    }
    if is_due(&last.seldom, now, SELDOM) {
        show_accounts(&counts(cx, now).await?);
    }
    Ok(())
}

async fn measure_platform(tx: &mut Reader, now: Timestamp) -> Result<(), StoreError> {
    let incidents = incident_list::open(tx).await?;
    for status in component::list(tx).await? {
        let due = platform_counts::due(tx, &status.appid, now, LONGEST_QUEUE).await?;
        metrics::gauge!("hufu_refreshes_due", "component" => status.appid.to_string()).set(number(due));
        show_component(&status, &incidents, now);
    }
    metrics::gauge!("hufu_attempts_in_doubt").set(number(platform_counts::in_doubt(tx, now).await?));
    Ok(())
}

fn show_component(status: &ComponentStatus, incidents: &[Listed], now: Timestamp) {
    let appid = || status.appid.to_string();
    if let Some(received) = status.ticket_received_at {
        let age = now.since(received).as_secs_f64();
        metrics::gauge!("hufu_ticket_age_seconds", "component" => appid()).set(age);
    }
    let left = status.token_expires_at.map_or(Duration::ZERO, |end| now.until(end));
    metrics::gauge!("hufu_component_token_left_seconds", "component" => appid()).set(left.as_secs_f64());
    let mine = |cause| incidents.iter().any(|one| one.component == status.appid && one.cause == cause);
    let told = |cause: &Reason| concerns_the_platform(*cause) || mine(*cause);
    for cause in Reason::ALL.iter().copied().filter(told) {
        let open = f64::from(u8::from(mine(cause)));
        metrics::gauge!("hufu_incidents_open", "component" => appid(), "cause" => cause.code()).set(open);
    }
}

/// Causes that an incident may have.
fn concerns_the_platform(cause: Reason) -> bool {
    matches!(cause.mover(), Mover::Platform) || cause == Reason::WechatDown
}

type Counts = Vec<(Health, TimeLeft)>;

/// What another process counted within the last minute, or what is counted now and left for the others.
async fn counts(cx: &Context, now: Timestamp) -> Result<Counts, StoreError> {
    let told = pulse::told(&mut cx.store.read().await?, NAME).await?;
    let is_fresh = |at: Timestamp| at <= now && now.since(at) < SELDOM;
    if let Some(counts) = told.filter(|(at, _)| is_fresh(*at)).and_then(|(_, text)| read(&text)) {
        return Ok(counts);
    }
    let counts = time_left::by_health(&mut cx.store.read().await?, now).await?;
    let mut tx = cx.store.write().await?;
    pulse::beat(&mut tx, NAME, now, &written(&counts)).await?;
    tx.commit().await?;
    Ok(counts)
}

fn written(counts: &Counts) -> String {
    let rows: Vec<_> = counts.iter().map(|(health, left)| (health.as_str(), left.0)).collect();
    serde_json::json!(rows).to_string()
}

pub(super) fn read(text: &str) -> Option<Counts> {
    let rows: Vec<(String, [i64; 7])> = serde_json::from_str(text).ok()?;
    rows.into_iter().map(|(name, left)| Some((Health::from_name(&name)?, TimeLeft(left)))).collect()
}

fn show_accounts(by_health: &Counts) {
    // `unknown` is never stored.
    for health in Health::ALL.into_iter().filter(|health| *health != Health::Unknown) {
        let found = by_health.iter().find(|(stored, _)| *stored == health);
        let left = found.map(|(_, left)| *left).unwrap_or_default();
        metrics::gauge!("hufu_accounts", "health" => health.as_str()).set(number(left.total()));
    }
    let tokens = count_time_left::refreshed(by_health);
    for (name, count) in TimeLeft::NAMES.into_iter().zip(tokens.0) {
        metrics::gauge!("hufu_tokens", "left" => name).set(number(count));
    }
}

#[expect(clippy::cast_precision_loss, reason = "a gauge is a float; counts of rows stay exact")]
const fn number(count: i64) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_read_as_they_were_written() {
        let counts =
            vec![(Health::Healthy, TimeLeft([1, 2, 3, 4, 5, 6, 7])), (Health::Paused, TimeLeft::default())];
        assert_eq!(read(&written(&counts)), Some(counts));
        assert_eq!(read(""), None);
    }

    #[test]
    fn it_is_time_at_first_then_after_a_while_and_when_the_clock_was_set_back() {
        let last = AtomicI64::default();
        let due = |seconds: i64| is_due(&last, Timestamp::from_unix(1_800_000_000 + seconds), OFTEN);
        assert_eq!([0, 14, 15, 29, 30, 20, 34].map(due), [true, false, true, false, true, true, false]);
    }
}

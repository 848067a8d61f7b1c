//! Counts refreshes as they begin and end: for `/metrics`, and by the hour for the charts of the overview.

use std::time::Duration;

use crate::clock::Timestamp;
use crate::domain::errcode::Class;
use crate::domain::ids::AttemptId;
use crate::random;
use crate::store::attempt::End;
use crate::store::authorizer_token::Held;
use crate::store::refresh_tally::{self, Tally};
use crate::store::{StoreError, Writer};

/// A claimed account's refresh begins.
pub(super) fn begun(held: &Held, attempt: &AttemptId) {
    if let Some(late) = late(held, attempt) {
        metrics::histogram!("hufu_refresh_lateness_seconds").record(late.as_secs_f64());
    }
}

/// How long after its plan an attempt was opened. `held` is the account as it was claimed.
fn late(held: &Held, attempt: &AttemptId) -> Option<Duration> {
    Some(random::moment_of(attempt.as_str())?.since(held.next_refresh_at?))
}

/// What an attempt adds to its hour.
pub(super) fn tally(now: Timestamp, (held, attempt): (&Held, &AttemptId), end: &End) -> Tally {
    Tally {
        tenant: held.tenant.clone(),
        component: held.key.component.clone(),
        ended_at: now,
        outcome: end.outcome,
        class: end.class.and_then(Class::from_name),
        late: late(held, attempt),
    }
}

/// Adds one attempt to its hour; several at once go through [`refresh_tally::add`]. The last statement of its
/// transaction.
///
/// # Errors
/// When the database does not take it.
pub(super) async fn add(
    tx: &mut Writer,
    now: Timestamp,
    whose: (&Held, &AttemptId),
    end: &End,
) -> Result<(), StoreError> {
    refresh_tally::add(tx, &[tally(now, whose, end)]).await
}

/// Counts an attempt whose end is recorded.
pub(super) fn ended(end: &End) {
    let class = end.class.unwrap_or("none");
    metrics::counter!("hufu_refreshes_total", "outcome" => end.outcome.as_str(), "class" => class)
        .increment(1);
}

/// Counts work that found its lease in other hands.
pub(super) fn conflict(lease: &'static str) {
    metrics::counter!("hufu_lease_conflicts_total", "lease" => lease).increment(1);
}

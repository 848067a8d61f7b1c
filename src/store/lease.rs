//! All leases at once: those of a process that is gone, and all of them when the clock that they live on is set.

use crate::clock::Timestamp;

use super::{StoreError, Writer};

/// Only for a database that no other process works on. Whatever is held may be taken at once: accounts, component token lanes, codes, answered attempts and pushes. Only an
/// account whose call has no answer rests until its attempt's lease ends: WeChat may still be at work on it, and a second
/// call beside it could leave us the older of two tokens. Epochs stay, so a holder that lives after all can still write
/// nothing stale.
pub async fn release_all(tx: &mut Writer, now: Timestamp) -> Result<(), StoreError> {
    for statement in [
        "UPDATE authorizer SET lease_until = COALESCE((SELECT MAX(open.lease_until) FROM attempt AS open \
         WHERE open.component_appid = authorizer.component_appid \
         AND open.authorizer_appid = authorizer.authorizer_appid AND open.outcome IS NULL \
         AND open.answered_at IS NULL AND open.lease_until > $1), $1) WHERE lease_until > $1",
        "UPDATE component SET lease_until = $1 WHERE lease_until > $1",
        "UPDATE grant_code SET lease_until = $1 WHERE lease_until > $1",
        "UPDATE attempt SET lease_until = $1 WHERE outcome IS NULL AND answered_at IS NOT NULL \
         AND lease_until > $1",
        "UPDATE notice SET next_try_at = $1 WHERE next_try_at > $1",
    ] {
        on!(tx, |c| sqlx::query(statement).bind(now.unix()).execute(c).await.map(|_| ()))?;
    }
    Ok(())
}

/// What waits for a moment that is near. `$1` is the step in seconds, `$2` the earlier one of the two moments.
const NEAR: [&str; 9] = [
    "UPDATE authorizer SET lease_until = lease_until + $1 WHERE lease_until > $2",
    "UPDATE authorizer SET not_before = not_before + $1 WHERE not_before > $2",
    "UPDATE component SET lease_until = lease_until + $1 WHERE lease_until > $2",
    "UPDATE grant_code SET lease_until = lease_until + $1 WHERE lease_until > $2",
    "UPDATE grant_code SET next_try_at = next_try_at + $1 WHERE next_try_at > $2",
    "UPDATE attempt SET lease_until = lease_until + $1, started_at = started_at + $1 \
     WHERE outcome IS NULL AND lease_until > $2",
    "UPDATE notice SET next_try_at = next_try_at + $1 WHERE next_try_at > $2",
    "UPDATE pulse SET beat_at = beat_at + $1 WHERE name LIKE 'scheduler/%' AND beat_at > $2",
    "UPDATE incident SET next_probe_at = next_probe_at + $1 WHERE closed_at IS NULL AND next_probe_at > $2",
];

/// The ends of tokens and what is planned for them.
const TOKENS: [&str; 2] = [
    "UPDATE authorizer SET token_obtained_at = token_obtained_at + $1, token_expires_at = token_expires_at + $1, \
     next_refresh_at = next_refresh_at + $1, attention_at = attention_at + $1 \
     WHERE token_expires_at > $2 OR next_refresh_at > $2",
    "UPDATE component SET token_obtained_at = token_obtained_at + $1, token_expires_at = token_expires_at + $1, \
     next_token_refresh_at = next_token_refresh_at + $1, token_distrusted_at = token_distrusted_at + $1 \
     WHERE token_expires_at > $2 OR next_token_refresh_at > $2",
];

/// The clock was set from the first to the second moment: leases and waits last as long as they would have lasted. When
/// it was set back, tokens end as soon as they would have ended; when it was set forward they seem older than they are
/// and are refreshed early, because the new time may be the right one.
pub async fn shift(tx: &mut Writer, (from, to): (Timestamp, Timestamp)) -> Result<(), StoreError> {
    let (step, earlier) = (to.unix() - from.unix(), from.min(to).unix());
    let tokens: &[&str] = if step < 0 { &TOKENS } else { &[] };
    for statement in NEAR.iter().chain(tokens) {
        on!(tx, |c| sqlx::query(*statement).bind(step).bind(earlier).execute(c).await.map(|_| ()))?;
    }
    Ok(())
}

/// Tokens that were obtained later than now: the clock was set back while nobody looked, and when they end is not known.
/// They end now and are due. Returns how many accounts have one.
pub async fn distrust_future(tx: &mut Writer, now: Timestamp) -> Result<u64, StoreError> {
    on!(tx, |c| {
        sqlx::query(
            "UPDATE component SET token_expires_at = $1, next_token_refresh_at = $1 WHERE token_obtained_at > $1",
        )
        .bind(now.unix())
        .execute(c)
        .await
        .map(|_| ())
    })?;
    Ok(on!(tx, |c| {
        sqlx::query(
            "UPDATE authorizer SET token_expires_at = $1, attention_at = $1, not_before = 0, \
             next_refresh_at = CASE WHEN next_refresh_at > $1 THEN $1 ELSE next_refresh_at END \
             WHERE token_obtained_at > $1",
        )
        .bind(now.unix())
        .execute(c)
        .await
        .map(|done| done.rows_affected())
    })?)
}

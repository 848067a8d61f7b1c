//! How an account stands: its state, its plan and its lease, as what happened to it changes them. These functions
//! belong to the scheduler and to the code broker: they name the account by its key and not by its tenant.

use crate::clock::Timestamp;
use crate::domain::health::Health;
use crate::domain::ids::AuthorizerKey;
use crate::domain::reason::Reason;

use super::authorizer_token::Held;
use super::{StoreError, Writer};

/// Shows that the recovery ladder is at work, and keeps the claim for as long as it may take.
pub async fn set_recovering(
    tx: &mut Writer,
    held: &Held,
    (now, until): (Timestamp, Timestamp),
    reason: Reason,
) -> Result<bool, StoreError> {
    let changed = on!(tx, |c| {
        sqlx::query(
            "UPDATE authorizer SET health_since = CASE WHEN health = 'recovering' THEN health_since ELSE $4 END, \
             health = 'recovering', health_rank = $5, reason = $6, lease_until = $7 \
             WHERE component_appid = $1 AND authorizer_appid = $2 AND epoch = $3",
        )
        .bind(held.key.component.as_str())
        .bind(held.key.authorizer.as_str())
        .bind(held.epoch)
        .bind(now.unix())
        .bind(Health::Recovering.rank())
        .bind(reason.code())
        .bind(until.unix())
        .execute(c)
        .await
        .map(|done| done.rows_affected())
    })?;
    Ok(changed == 1)
}

/// Holds on to an account until `until`; `false` when the claim was lost.
pub async fn extend(tx: &mut Writer, held: &Held, until: Timestamp) -> Result<bool, StoreError> {
    let changed = on!(tx, |c| {
        sqlx::query(
            "UPDATE authorizer SET lease_until = $4 WHERE component_appid = $1 AND authorizer_appid = $2 \
             AND epoch = $3 AND lease_until > 0",
        )
        .bind(held.key.component.as_str())
        .bind(held.key.authorizer.as_str())
        .bind(held.epoch)
        .bind(until.unix())
        .execute(c)
        .await
        .map(|done| done.rows_affected())
    })?;
    Ok(changed == 1)
}

/// Keeps other writers off an account until this transaction ends, so that what is read next stays true.
pub async fn lock(tx: &mut Writer, key: &AuthorizerKey) -> Result<(), StoreError> {
    on!(tx, |c| {
        sqlx::query(
            "UPDATE authorizer SET epoch = epoch WHERE component_appid = $1 AND authorizer_appid = $2",
        )
        .bind(key.component.as_str())
        .bind(key.authorizer.as_str())
        .execute(c)
        .await
        .map(|_| ())
    })?;
    Ok(())
}

/// How an account stands after something went wrong.
#[derive(Clone, Debug)]
pub struct Setback {
    pub health: Health,
    pub reason: Reason,
    pub errcode: Option<i64>,
    pub rid: Option<String>,
    pub next_refresh_at: Option<Timestamp>,
    pub failures: i64,
}

/// Nothing was sent under this claim: the next one need not keep its distance. `false` when the claim was lost.
pub async fn lift_floor(tx: &mut Writer, held: &Held) -> Result<bool, StoreError> {
    let changed = on!(tx, |c| {
        sqlx::query(
            "UPDATE authorizer SET not_before = 0 \
             WHERE component_appid = $1 AND authorizer_appid = $2 AND epoch = $3",
        )
        .bind(held.key.component.as_str())
        .bind(held.key.authorizer.as_str())
        .bind(held.epoch)
        .execute(c)
        .await
        .map(|done| done.rows_affected())
    })?;
    Ok(changed == 1)
}

/// The holder of `epoch` has vanished, and whether WeChat did what it was asked is not known. The first time since a
/// success the account becomes due at once, past the floor; after that it waits for it. `false` when somebody holds the
/// account or has held it since, or when it is not refreshed any more.
pub async fn record_doubt(
    tx: &mut Writer,
    key: &AuthorizerKey,
    epoch: i64,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let changed = on!(tx, |c| {
        sqlx::query(
            "UPDATE authorizer SET health_since = CASE WHEN health = 'recovering' THEN health_since ELSE $4 END, \
             health = 'recovering', health_rank = $5, reason = $6, errcode = NULL, rid = NULL, \
             attention_at = COALESCE(token_expires_at, $4), lease_until = 0, lease_holder = NULL, \
             next_refresh_at = CASE WHEN doubts > 0 AND not_before > $4 THEN not_before ELSE $4 END, \
             not_before = CASE WHEN doubts > 0 THEN not_before ELSE 0 END, doubts = doubts + 1 \
             WHERE component_appid = $1 AND authorizer_appid = $2 AND epoch = $3 AND lease_until <= $4 \
             AND next_refresh_at IS NOT NULL",
        )
        .bind(key.component.as_str())
        .bind(key.authorizer.as_str())
        .bind(epoch)
        .bind(now.unix())
        .bind(Health::Recovering.rank())
        .bind(Reason::AttemptInDoubt.code())
        .execute(c)
        .await
        .map(|done| done.rows_affected())
    })?;
    Ok(changed == 1)
}

/// Records a failure and gives the claim back; `false` when the claim was lost, and nothing has changed then.
pub async fn record_setback(
    tx: &mut Writer,
    held: &Held,
    now: Timestamp,
    setback: &Setback,
) -> Result<bool, StoreError> {
    if !setback.health.is_refreshed() {
        tx.tell(held.key.authorizer.as_str());
    }
    let changed = on!(tx, |c| {
        sqlx::query(
            "UPDATE authorizer SET health_since = CASE WHEN health = $4 THEN health_since ELSE $5 END, \
             health = $4, health_rank = $6, attention_at = COALESCE(token_expires_at, $5), reason = $7, \
             errcode = $8, rid = $9, failures = $11, \
             next_refresh_at = CASE WHEN $10 < not_before THEN not_before ELSE $10 END, lease_until = 0, lease_holder = NULL \
             WHERE component_appid = $1 AND authorizer_appid = $2 AND epoch = $3",
        )
        .bind(held.key.component.as_str())
        .bind(held.key.authorizer.as_str())
        .bind(held.epoch)
        .bind(setback.health.as_str())
        .bind(now.unix())
        .bind(setback.health.rank())
        .bind(setback.reason.code())
        .bind(setback.errcode)
        .bind(setback.rid.as_deref())
        .bind(setback.next_refresh_at.map(Timestamp::unix))
        .bind(setback.failures)
        .execute(c)
        .await
        .map(|done| done.rows_affected())
    })?;
    Ok(changed == 1)
}

/// A state that ends the life of the tokens at once, or lets it begin anew.
#[derive(Clone, Debug)]
pub struct Verdict {
    pub health: Health,
    pub reason: Reason,
    pub next_refresh_at: Option<Timestamp>,
    /// The stored access token must not be used any more.
    pub token_ends: bool,
}

/// Sets an account's state from outside a claim: whoever holds it loses it.
pub async fn judge(
    tx: &mut Writer,
    key: &AuthorizerKey,
    now: Timestamp,
    verdict: &Verdict,
) -> Result<(), StoreError> {
    tx.tell(key.authorizer.as_str());
    on!(tx, |c| {
        sqlx::query(
            "UPDATE authorizer SET health_since = CASE WHEN health = $3 THEN health_since ELSE $4 END, \
             health = $3, health_rank = $5, reason = $6, errcode = NULL, rid = NULL, \
             next_refresh_at = CASE WHEN $7 < not_before THEN not_before ELSE $7 END, \
             access_token_sealed = CASE WHEN $8 THEN NULL ELSE access_token_sealed END, \
             token_expires_at = CASE WHEN $8 AND token_expires_at > $4 THEN $4 ELSE token_expires_at END, \
             generation = CASE WHEN $8 THEN generation + 1 ELSE generation END, failures = 0, \
             attention_at = CASE WHEN $8 OR token_expires_at IS NULL THEN $4 ELSE token_expires_at END, \
             epoch = epoch + 1, lease_until = 0, lease_holder = NULL \
             WHERE component_appid = $1 AND authorizer_appid = $2",
        )
        .bind(key.component.as_str())
        .bind(key.authorizer.as_str())
        .bind(verdict.health.as_str())
        .bind(now.unix())
        .bind(verdict.health.rank())
        .bind(verdict.reason.code())
        .bind(verdict.next_refresh_at.map(Timestamp::unix))
        .bind(verdict.token_ends)
        .execute(c)
        .await
        .map(|_| ())
    })?;
    Ok(())
}

/// Makes an account's refresh due at `at` or as soon as its floor allows, if it is planned later or not at all. Its state stays; a paused account is
/// left alone.
pub async fn hasten(tx: &mut Writer, key: &AuthorizerKey, at: Timestamp) -> Result<bool, StoreError> {
    let changed = on!(tx, |c| {
        sqlx::query(
            "UPDATE authorizer SET next_refresh_at = CASE WHEN not_before > $3 THEN not_before ELSE $3 END \
             WHERE component_appid = $1 AND authorizer_appid = $2 AND health <> 'paused' AND (next_refresh_at IS NULL \
             OR next_refresh_at > CASE WHEN not_before > $3 THEN not_before ELSE $3 END)",
        )
        .bind(key.component.as_str())
        .bind(key.authorizer.as_str())
        .bind(at.unix())
        .execute(c)
        .await
        .map(|done| done.rows_affected())
    })?;
    Ok(changed == 1)
}

//! Tallies of failures and known addresses, shared by all processes. Keys are hashes: the table names nobody.

use crate::clock::Timestamp;
use crate::domain::throttle::{Rule, Tally};

use super::{Reader, StoreError, Writer};

/// The tally of a key, which nobody else writes until this transaction ends. Whoever locks several does it in the order
/// of their keys.
///
/// # Errors
/// `Database`.
pub async fn lock(tx: &mut Writer, key: &str, now: Timestamp) -> Result<Tally, StoreError> {
    let (score, at, until): (i64, i64, i64) = on!(tx, |c| {
        sqlx::query_as(
            "INSERT INTO throttle (key, kind, score, at, until, forget_at) VALUES ($1, 'tally', 0, $2, 0, $2) \
             ON CONFLICT (key) DO UPDATE SET kind = throttle.kind RETURNING score, at, until",
        )
        .bind(key)
        .bind(now.unix())
        .fetch_one(c)
        .await
    })?;
    Ok(Tally { score, at: Timestamp::from_unix(at), until: Timestamp::from_unix(until) })
}

/// Writes a locked tally back.
///
/// # Errors
/// `Database`.
pub async fn put(tx: &mut Writer, key: &str, rule: &Rule, tally: Tally) -> Result<(), StoreError> {
    on!(tx, |c| {
        sqlx::query("UPDATE throttle SET score = $2, at = $3, until = $4, forget_at = $5 WHERE key = $1")
            .bind(key)
            .bind(tally.score)
            .bind(tally.at.unix())
            .bind(tally.until.unix())
            .bind(tally.forget_at(rule).unix())
            .execute(c)
            .await
            .map(drop)
    })?;
    Ok(())
}

/// # Errors
/// `Database`.
pub async fn forget(tx: &mut Writer, key: &str) -> Result<(), StoreError> {
    on!(tx, |c| sqlx::query("DELETE FROM throttle WHERE key = $1").bind(key).execute(c).await.map(drop))?;
    Ok(())
}

/// Notes that this account was used from this address; until `until` it counts as known there.
///
/// # Errors
/// `Database`.
pub async fn put_known(
    tx: &mut Writer,
    key: &str,
    now: Timestamp,
    until: Timestamp,
) -> Result<(), StoreError> {
    on!(tx, |c| {
        sqlx::query(
            "INSERT INTO throttle (key, kind, score, at, until, forget_at) VALUES ($1, 'known', 0, $2, 0, $3) \
             ON CONFLICT (key) DO UPDATE SET at = excluded.at, forget_at = excluded.forget_at",
        )
        .bind(key)
        .bind(now.unix())
        .bind(until.unix())
        .execute(c)
        .await
        .map(drop)
    })?;
    Ok(())
}

/// # Errors
/// `Database`.
pub async fn is_known(tx: &mut Reader, key: &str, now: Timestamp) -> Result<bool, StoreError> {
    let row: Option<(i64,)> = on!(tx, |c| {
        sqlx::query_as("SELECT at FROM throttle WHERE key = $1 AND kind = 'known' AND forget_at > $2")
            .bind(key)
            .bind(now.unix())
            .fetch_optional(c)
            .await
    })?;
    Ok(row.is_some())
}

/// Clears away what has faded, and beyond `most` rows also what fades next. Returns how many.
///
/// # Errors
/// `Database`.
pub async fn forget_old(tx: &mut Writer, now: Timestamp, most: i64) -> Result<u64, StoreError> {
    let faded = on!(tx, |c| {
        sqlx::query("DELETE FROM throttle WHERE forget_at <= $1")
            .bind(now.unix())
            .execute(c)
            .await
            .map(|done| done.rows_affected())
    })?;
    let (count,): (i64,) =
        on!(tx, |c| sqlx::query_as("SELECT COUNT(*) FROM throttle WHERE kind = 'tally'").fetch_one(c).await)?;
    if count <= most {
        return Ok(faded);
    }
    let spare = on!(tx, |c| {
        sqlx::query(
            "DELETE FROM throttle WHERE key IN \
             (SELECT key FROM throttle WHERE kind = 'tally' ORDER BY forget_at LIMIT $1)",
        )
        .bind(count - most)
        .execute(c)
        .await
        .map(|done| done.rows_affected())
    })?;
    Ok(faded + spare)
}

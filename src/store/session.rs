//! Signed-in browsers. One of the two things that are written outside of use cases: they carry no fact about anyone.

use std::time::Duration;

use crate::clock::Timestamp;
use crate::domain::ids::UserId;
use crate::domain::user::SessionEpoch;

use super::{Reader, StoreError, Writer, session_epoch};

/// A session nobody uses for this long is over.
pub const IDLE: Duration = Duration::from_secs(12 * 3600);
/// A session is over after this long, used or not.
pub const LONGEST: Duration = Duration::from_secs(7 * 24 * 3600);

/// A session that is not over.
#[derive(Clone, Debug)]
pub struct Session {
    pub state: String,
    pub epoch: SessionEpoch,
    pub created_at: Timestamp,
    pub last_seen_at: Timestamp,
}

/// Whose a session is. It is decided when the session begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Owner {
    Nobody,
    SignedIn(UserId, SessionEpoch),
    /// The password was right, and the second step is awaited.
    Awaited(UserId, SessionEpoch),
}

/// `None` when there is none or it is over, also when its user's sessions were ended since its owner was looked at.
///
/// # Errors
/// `Database`.
pub async fn find(tx: &mut Reader, key_hash: &str, now: Timestamp) -> Result<Option<Session>, StoreError> {
    let row: Option<(String, i64, i64, i64)> = on!(tx, |c| {
        sqlx::query_as(
            "SELECT s.state, s.epoch, s.created_at, s.last_seen_at FROM session s \
             LEFT JOIN app_user u ON u.id = COALESCE(s.user_id, s.awaited_id) \
             WHERE s.key_hash = $1 AND s.expires_at > $2 \
             AND (u.session_epoch = s.epoch OR (s.user_id IS NULL AND s.awaited_id IS NULL))",
        )
        .bind(key_hash)
        .bind(now.unix())
        .fetch_optional(c)
        .await
    })?;
    Ok(row.map(|(state, epoch, created_at, last_seen_at)| Session {
        state,
        epoch: SessionEpoch::of_number(epoch),
        created_at: Timestamp::from_unix(created_at),
        last_seen_at: Timestamp::from_unix(last_seen_at),
    }))
}

/// # Errors
/// `Database`.
pub async fn insert(
    tx: &mut Writer,
    key_hash: &str,
    owner: &Owner,
    state: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    let (user, awaited, epoch) = match owner {
        Owner::Nobody => (None, None, SessionEpoch::FIRST),
        Owner::SignedIn(user, epoch) => (Some(user), None, *epoch),
        Owner::Awaited(user, epoch) => (None, Some(user), *epoch),
    };
    on!(tx, |c| {
        sqlx::query(
            "INSERT INTO session (key_hash, user_id, awaited_id, epoch, state, created_at, last_seen_at, expires_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $6, $7)",
        )
        .bind(key_hash)
        .bind(user.map(UserId::as_str))
        .bind(awaited.map(UserId::as_str))
        .bind(epoch.number())
        .bind(state)
        .bind(now.unix())
        .bind(now.plus(IDLE).unix())
        .execute(c)
        .await
        .map(drop)
    })?;
    Ok(())
}

/// Replaces the state and counts as use; the owner and the epoch stay. `false` when the session is gone.
///
/// # Errors
/// `Database`.
pub async fn update(
    tx: &mut Writer,
    key_hash: &str,
    state: &str,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let touched = on!(tx, |c| {
        sqlx::query(
            "UPDATE session SET state = $2, last_seen_at = $3, \
             expires_at = CASE WHEN created_at + $5 < $4 THEN created_at + $5 ELSE $4 END \
             WHERE key_hash = $1 AND expires_at > $3",
        )
        .bind(key_hash)
        .bind(state)
        .bind(now.unix())
        .bind(now.plus(IDLE).unix())
        .bind(seconds(LONGEST))
        .execute(c)
        .await
        .map(|done| done.rows_affected())
    })?;
    Ok(touched > 0)
}

/// Counts as use: the session lives on for [`IDLE`], but not beyond [`LONGEST`] from its start.
///
/// # Errors
/// `Database`.
pub async fn touch(tx: &mut Writer, key_hash: &str, now: Timestamp) -> Result<(), StoreError> {
    on!(tx, |c| {
        sqlx::query(
            "UPDATE session SET last_seen_at = $2, \
             expires_at = CASE WHEN created_at + $4 < $3 THEN created_at + $4 ELSE $3 END \
             WHERE key_hash = $1 AND expires_at > $2",
        )
        .bind(key_hash)
        .bind(now.unix())
        .bind(now.plus(IDLE).unix())
        .bind(seconds(LONGEST))
        .execute(c)
        .await
        .map(drop)
    })?;
    Ok(())
}

/// # Errors
/// `Database`.
pub async fn forget(tx: &mut Writer, key_hash: &str) -> Result<(), StoreError> {
    on!(tx, |c| {
        sqlx::query("DELETE FROM session WHERE key_hash = $1").bind(key_hash).execute(c).await.map(drop)
    })?;
    Ok(())
}

/// Ends every session of a user, also those in front of the second step and those that are about to begin.
///
/// # Errors
/// `Database`.
pub async fn forget_of_user(tx: &mut Writer, user: &UserId) -> Result<(), StoreError> {
    session_epoch::begin(tx, user).await?;
    on!(tx, |c| {
        sqlx::query("DELETE FROM session WHERE user_id = $1 OR awaited_id = $1")
            .bind(user.as_str())
            .execute(c)
            .await
            .map(drop)
    })?;
    Ok(())
}

/// What a person recognises a session by.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Marks {
    /// Names the session without opening it.
    pub name_hash: Option<String>,
    /// The browser's own words about itself, bounded.
    pub agent: Option<String>,
    pub address: Option<String>,
}

/// A session as its owner sees it.
#[derive(Clone, Debug)]
pub struct Listed {
    pub marks: Marks,
    pub created_at: Timestamp,
    pub last_seen_at: Timestamp,
}

/// Notes what a person recognises the session by.
///
/// # Errors
/// `Database`.
pub async fn put_marks(tx: &mut Writer, key_hash: &str, marks: &Marks) -> Result<(), StoreError> {
    on!(tx, |c| {
        sqlx::query("UPDATE session SET name_hash = $2, agent = $3, address = $4 WHERE key_hash = $1")
            .bind(key_hash)
            .bind(marks.name_hash.as_deref())
            .bind(marks.agent.as_deref())
            .bind(marks.address.as_deref())
            .execute(c)
            .await
            .map(drop)
    })?;
    Ok(())
}

/// A user's sessions that are not over, the one used last first, at most 100.
///
/// # Errors
/// `Database`.
pub async fn list_of_user(tx: &mut Reader, user: &UserId, now: Timestamp) -> Result<Vec<Listed>, StoreError> {
    type Row = (Option<String>, Option<String>, Option<String>, i64, i64);
    let rows: Vec<Row> = on!(tx, |c| {
        sqlx::query_as(
            "SELECT name_hash, agent, address, created_at, last_seen_at FROM session \
             WHERE user_id = $1 AND expires_at > $2 \
             AND epoch = (SELECT session_epoch FROM app_user WHERE id = $1) ORDER BY last_seen_at DESC, key_hash LIMIT 100",
        )
        .bind(user.as_str())
        .bind(now.unix())
        .fetch_all(c)
        .await
    })?;
    let listed = |(name_hash, agent, address, created_at, last_seen_at): Row| Listed {
        marks: Marks { name_hash, agent, address },
        created_at: Timestamp::from_unix(created_at),
        last_seen_at: Timestamp::from_unix(last_seen_at),
    };
    Ok(rows.into_iter().map(listed).collect())
}

/// Ends one session of a user; the others go on, but for one that is about to begin. Whether there was one: otherwise
/// the transaction is not to be committed.
///
/// # Errors
/// `Database`.
pub async fn forget_one(tx: &mut Writer, user: &UserId, name_hash: &str) -> Result<bool, StoreError> {
    let epoch = session_epoch::begin(tx, user).await?;
    let touched = on!(tx, |c| {
        sqlx::query("DELETE FROM session WHERE user_id = $1 AND name_hash = $2")
            .bind(user.as_str())
            .bind(name_hash)
            .execute(c)
            .await
            .map(|done| done.rows_affected())
    })?;
    on!(tx, |c| {
        sqlx::query(
            "UPDATE session SET epoch = $2 WHERE (user_id = $1 OR awaited_id = $1) AND epoch = $2 - 1",
        )
        .bind(user.as_str())
        .bind(epoch.number())
        .execute(c)
        .await
        .map(drop)
    })?;
    Ok(touched > 0)
}

/// Ends every session of a user but one, as [`forget_of_user`]; returns how many.
///
/// # Errors
/// `Database`.
pub async fn forget_others(tx: &mut Writer, user: &UserId, name_hash: &str) -> Result<u64, StoreError> {
    let epoch = session_epoch::begin(tx, user).await?;
    let touched = on!(tx, |c| {
        sqlx::query(
            "DELETE FROM session WHERE awaited_id = $1 \
             OR (user_id = $1 AND (name_hash IS NULL OR name_hash <> $2))",
        )
        .bind(user.as_str())
        .bind(name_hash)
        .execute(c)
        .await
        .map(|done| done.rows_affected())
    })?;
    // The one that stays goes along, unless it was over already.
    on!(tx, |c| {
        sqlx::query("UPDATE session SET epoch = $3 WHERE user_id = $1 AND name_hash = $2 AND epoch = $3 - 1")
            .bind(user.as_str())
            .bind(name_hash)
            .bind(epoch.number())
            .execute(c)
            .await
            .map(drop)
    })?;
    Ok(touched)
}

/// Clears away sessions that are over; returns how many.
///
/// # Errors
/// `Database`.
pub async fn forget_lapsed(tx: &mut Writer, now: Timestamp) -> Result<u64, StoreError> {
    let touched = on!(tx, |c| {
        sqlx::query("DELETE FROM session WHERE expires_at <= $1")
            .bind(now.unix())
            .execute(c)
            .await
            .map(|done| done.rows_affected())
    })?;
    Ok(touched)
}

fn seconds(span: Duration) -> i64 {
    i64::try_from(span.as_secs()).unwrap_or(i64::MAX)
}

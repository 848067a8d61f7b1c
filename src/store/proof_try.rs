//! Wrong proofs in a row. A try is counted before it is looked at, so that many at once are not free.

use crate::clock::Timestamp;
use crate::domain::ids::UserId;
use crate::domain::second_factor::{Purpose, TRIES_FADE, wait_after};

use super::{StoreError, Writer};

/// What tries are counted together with.
#[derive(Clone, Debug)]
pub struct Bucket(String);

impl Bucket {
    pub fn anywhere(purpose: Purpose) -> Self {
        Self(purpose.as_str().to_owned())
    }

    /// Of one place where the account is known.
    pub fn at(purpose: Purpose, place: &str) -> Self {
        Self(format!("{} {place}", purpose.as_str()))
    }
}

/// Counts a try as a wrong one until [`forget`] says otherwise. `Some`: it must not be looked at before then, and was
/// not counted.
///
/// # Errors
/// `Database`.
pub async fn count(
    tx: &mut Writer,
    user: &UserId,
    bucket: &Bucket,
    now: Timestamp,
) -> Result<Option<Timestamp>, StoreError> {
    let counted: Option<(i64,)> = on!(tx, |c| {
        sqlx::query_as(
            "INSERT INTO proof_try (user_id, what, failures, last_at, blocked_until) VALUES ($1, $2, 1, $3, 0) \
             ON CONFLICT (user_id, what) DO UPDATE SET last_at = excluded.last_at, \
             failures = CASE WHEN proof_try.last_at < $4 THEN 1 ELSE proof_try.failures + 1 END \
             WHERE proof_try.blocked_until <= $3 RETURNING failures",
        )
        .bind(user.as_str())
        .bind(&bucket.0)
        .bind(now.unix())
        .bind(now.minus(TRIES_FADE).unix())
        .fetch_optional(c)
        .await
    })?;
    let Some((failures,)) = counted else { return blocked_until(tx, user, bucket).await.map(Some) };
    on!(tx, |c| {
        sqlx::query("UPDATE proof_try SET blocked_until = $3 WHERE user_id = $1 AND what = $2")
            .bind(user.as_str())
            .bind(&bucket.0)
            .bind(now.plus(wait_after(failures)).unix())
            .execute(c)
            .await
            .map(drop)
    })?;
    Ok(None)
}

/// The proof was right: the next wrong one is the first again.
///
/// # Errors
/// `Database`.
pub async fn forget(tx: &mut Writer, user: &UserId, bucket: &Bucket) -> Result<(), StoreError> {
    on!(tx, |c| {
        sqlx::query("DELETE FROM proof_try WHERE user_id = $1 AND what = $2")
            .bind(user.as_str())
            .bind(&bucket.0)
            .execute(c)
            .await
            .map(drop)
    })?;
    Ok(())
}

/// Wrong proofs after a password that does not count any more; step-ups go on being counted.
///
/// # Errors
/// `Database`.
pub async fn forget_sign_in(tx: &mut Writer, user: &UserId) -> Result<(), StoreError> {
    let purpose = Purpose::SignIn.as_str();
    on!(tx, |c| {
        sqlx::query("DELETE FROM proof_try WHERE user_id = $1 AND (what = $2 OR what LIKE $3)")
            .bind(user.as_str())
            .bind(purpose)
            .bind(format!("{purpose} %"))
            .execute(c)
            .await
            .map(drop)
    })?;
    Ok(())
}

async fn blocked_until(tx: &mut Writer, user: &UserId, bucket: &Bucket) -> Result<Timestamp, StoreError> {
    let (until,): (i64,) = on!(tx, |c| {
        sqlx::query_as("SELECT blocked_until FROM proof_try WHERE user_id = $1 AND what = $2")
            .bind(user.as_str())
            .bind(&bucket.0)
            .fetch_one(c)
            .await
    })?;
    Ok(Timestamp::from_unix(until))
}

//! Passkeys: public keys, found by the id the authenticator names.

use crate::clock::Timestamp;
use crate::domain::ids::{PasskeyId, UserId};
use crate::domain::second_factor::Passkey;

use super::{Reader, StoreError, Writer};

/// A passkey with what the ceremonies need.
#[derive(Clone, Debug)]
pub struct Stored {
    pub passkey: Passkey,
    pub user: UserId,
    /// base64url.
    pub credential_id: String,
    /// JSON of webauthn-rs.
    pub credential: String,
}

/// # Errors
/// `Conflict` when the credential is somebody's already, `Database`.
pub async fn insert(tx: &mut Writer, new: &Stored) -> Result<(), StoreError> {
    on!(tx, |c| {
        sqlx::query(
            "INSERT INTO passkey (id, user_id, name, credential_id, credential, created_at) \
             VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(new.passkey.id.as_str())
        .bind(new.user.as_str())
        .bind(&new.passkey.name)
        .bind(&new.credential_id)
        .bind(&new.credential)
        .bind(new.passkey.created_at.unix())
        .execute(c)
        .await
        .map(drop)
    })
    .map_err(|error| StoreError::from(error).or_conflict("a passkey with this credential"))
}

/// Oldest first.
///
/// # Errors
/// `Database`, `Corrupt`.
pub async fn list_of_user(tx: &mut Reader, user: &UserId) -> Result<Vec<Stored>, StoreError> {
    let rows: Vec<Row> = on!(tx, |c| {
        sqlx::query_as(
            "SELECT id, user_id, name, credential_id, credential, created_at, last_used_at FROM passkey \
             WHERE user_id = $1 ORDER BY created_at, id",
        )
        .bind(user.as_str())
        .fetch_all(c)
        .await
    })?;
    rows.into_iter().map(Stored::try_from).collect()
}

/// # Errors
/// `Database`, `Corrupt`.
pub async fn find_by_credential(tx: &mut Reader, credential_id: &str) -> Result<Option<Stored>, StoreError> {
    let row: Option<Row> = on!(tx, |c| {
        sqlx::query_as(
            "SELECT id, user_id, name, credential_id, credential, created_at, last_used_at FROM passkey \
             WHERE credential_id = $1",
        )
        .bind(credential_id)
        .fetch_optional(c)
        .await
    })?;
    row.map(Stored::try_from).transpose()
}

/// Notes a use, with the counter as it is now. `false` when the passkey is gone.
///
/// # Errors
/// `Database`.
pub async fn put_use(
    tx: &mut Writer,
    passkey: &PasskeyId,
    credential: &str,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let touched = on!(tx, |c| {
        sqlx::query("UPDATE passkey SET credential = $2, last_used_at = $3 WHERE id = $1")
            .bind(passkey.as_str())
            .bind(credential)
            .bind(now.unix())
            .execute(c)
            .await
            .map(|done| done.rows_affected())
    })?;
    Ok(touched > 0)
}

/// A ceremony's question is answered once: `false` when it was answered before. Kept until nobody can answer it any more.
///
/// # Errors
/// `Database`.
pub async fn claim_question(
    tx: &mut Writer,
    question_hash: &str,
    until: Timestamp,
) -> Result<bool, StoreError> {
    let touched = on!(tx, |c| {
        sqlx::query(
            "INSERT INTO answered_question (question_hash, forget_at) VALUES ($1, $2) \
             ON CONFLICT (question_hash) DO NOTHING",
        )
        .bind(question_hash)
        .bind(until.unix())
        .execute(c)
        .await
        .map(|done| done.rows_affected())
    })?;
    Ok(touched > 0)
}

/// # Errors
/// `Database`.
pub async fn forget_questions(tx: &mut Writer, now: Timestamp) -> Result<(), StoreError> {
    on!(tx, |c| {
        sqlx::query("DELETE FROM answered_question WHERE forget_at < $1")
            .bind(now.unix())
            .execute(c)
            .await
            .map(drop)
    })?;
    Ok(())
}

/// # Errors
/// `Database`.
pub async fn forget(tx: &mut Writer, user: &UserId, passkey: &PasskeyId) -> Result<bool, StoreError> {
    let touched = on!(tx, |c| {
        sqlx::query("DELETE FROM passkey WHERE id = $2 AND user_id = $1")
            .bind(user.as_str())
            .bind(passkey.as_str())
            .execute(c)
            .await
            .map(|done| done.rows_affected())
    })?;
    Ok(touched > 0)
}

/// # Errors
/// `Database`.
pub async fn forget_of_user(tx: &mut Writer, user: &UserId) -> Result<(), StoreError> {
    on!(tx, |c| {
        sqlx::query("DELETE FROM passkey WHERE user_id = $1").bind(user.as_str()).execute(c).await.map(drop)
    })?;
    Ok(())
}

#[derive(sqlx::FromRow)]
struct Row {
    id: String,
    user_id: String,
    name: String,
    credential_id: String,
    credential: String,
    created_at: i64,
    last_used_at: Option<i64>,
}

impl TryFrom<Row> for Stored {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let corrupt = |column| StoreError::corrupt("passkey", column, row.id.clone());
        Ok(Self {
            passkey: Passkey {
                id: PasskeyId::parse(&row.id).map_err(|_| corrupt("id"))?,
                name: row.name,
                created_at: Timestamp::from_unix(row.created_at),
                last_used_at: row.last_used_at.map(Timestamp::from_unix),
            },
            user: UserId::parse(&row.user_id).map_err(|_| corrupt("user_id"))?,
            credential_id: row.credential_id,
            credential: row.credential,
        })
    }
}

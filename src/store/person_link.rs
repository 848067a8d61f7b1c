//! One-time links to a person. Only hashes are kept, and a link is gone once it was used.

use crate::clock::Timestamp;
use crate::domain::ids::UserId;
use crate::domain::person_link::{Applicant, LinkKind, PersonLink};
use crate::domain::user::Email;

use super::{Reader, StoreError, Writer};

/// # Errors
/// `Database`.
pub async fn insert(
    tx: &mut Writer,
    token_hash: &str,
    link: &PersonLink,
    (now, expires_at): (Timestamp, Timestamp),
) -> Result<(), StoreError> {
    on!(tx, |c| {
        sqlx::query(
            "INSERT INTO person_link (token_hash, kind, user_id, email, name, company, created_at, expires_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        )
        .bind(token_hash)
        .bind(link.kind.as_str())
        .bind(link.user.as_ref().map(UserId::as_str))
        .bind(link.email.as_str())
        .bind(link.applicant.as_ref().map(|applicant| &applicant.name))
        .bind(link.applicant.as_ref().map(|applicant| &applicant.company))
        .bind(now.unix())
        .bind(expires_at.unix())
        .execute(c)
        .await
        .map(drop)
    })?;
    Ok(())
}

/// A link that has not lapsed and was not used.
///
/// # Errors
/// `Database`, `Corrupt`.
pub async fn find(
    tx: &mut Reader,
    kind: LinkKind,
    token_hash: &str,
    now: Timestamp,
) -> Result<Option<PersonLink>, StoreError> {
    let row: Option<Row> = on!(tx, |c| {
        sqlx::query_as(
            "SELECT user_id, email, name, company FROM person_link WHERE token_hash = $1 AND kind = $2 AND expires_at > $3",
        )
        .bind(token_hash)
        .bind(kind.as_str())
        .bind(now.unix())
        .fetch_optional(c)
        .await
    })?;
    row.map(|row| link(kind, row)).transpose()
}

/// The newest link of this kind that a user has and that has not lapsed: its address and its end.
///
/// # Errors
/// `Database`, `Corrupt`.
pub async fn find_of_user(
    tx: &mut Reader,
    kind: LinkKind,
    user: &UserId,
    now: Timestamp,
) -> Result<Option<(Email, Timestamp)>, StoreError> {
    let row: Option<(String, i64)> = on!(tx, |c| {
        sqlx::query_as(
            "SELECT email, expires_at FROM person_link WHERE user_id = $1 AND kind = $2 AND expires_at > $3 \
             ORDER BY created_at DESC, token_hash LIMIT 1",
        )
        .bind(user.as_str())
        .bind(kind.as_str())
        .bind(now.unix())
        .fetch_optional(c)
        .await
    })?;
    row.map(|(email, end)| {
        let read =
            Email::parse(&email).map_err(|_| StoreError::corrupt("person_link", "email", email.clone()));
        Ok((read?, Timestamp::from_unix(end)))
    })
    .transpose()
}

/// Uses a link up; whoever comes second gets `None`.
///
/// # Errors
/// `Database`, `Corrupt`.
pub async fn claim(
    tx: &mut Writer,
    kind: LinkKind,
    token_hash: &str,
    now: Timestamp,
) -> Result<Option<PersonLink>, StoreError> {
    let row: Option<Row> = on!(tx, |c| {
        sqlx::query_as(
            "DELETE FROM person_link WHERE token_hash = $1 AND kind = $2 AND expires_at > $3 \
             RETURNING user_id, email, name, company",
        )
        .bind(token_hash)
        .bind(kind.as_str())
        .bind(now.unix())
        .fetch_optional(c)
        .await
    })?;
    row.map(|row| link(kind, row)).transpose()
}

/// Ends every link of this kind that a user has.
///
/// # Errors
/// `Database`.
pub async fn forget_of_user(tx: &mut Writer, kind: LinkKind, user: &UserId) -> Result<(), StoreError> {
    on!(tx, |c| {
        sqlx::query("DELETE FROM person_link WHERE user_id = $1 AND kind = $2")
            .bind(user.as_str())
            .bind(kind.as_str())
            .execute(c)
            .await
            .map(drop)
    })?;
    Ok(())
}

/// Clears away links that have lapsed; returns how many.
///
/// # Errors
/// `Database`.
pub async fn forget_lapsed(tx: &mut Writer, now: Timestamp) -> Result<u64, StoreError> {
    let touched = on!(tx, |c| {
        sqlx::query("DELETE FROM person_link WHERE expires_at <= $1")
            .bind(now.unix())
            .execute(c)
            .await
            .map(|done| done.rows_affected())
    })?;
    Ok(touched)
}

#[derive(sqlx::FromRow)]
struct Row {
    user_id: Option<String>,
    email: String,
    name: Option<String>,
    company: Option<String>,
}

fn link(kind: LinkKind, row: Row) -> Result<PersonLink, StoreError> {
    let Row { user_id, email, name, company } = row;
    let corrupt = |column| StoreError::corrupt("person_link", column, email.clone());
    Ok(PersonLink {
        kind,
        applicant: name.zip(company).map(|(name, company)| Applicant { name, company }),
        user: user_id.as_deref().map(UserId::parse).transpose().map_err(|_| corrupt("user_id"))?,
        email: Email::parse(&email).map_err(|_| corrupt("email"))?,
    })
}

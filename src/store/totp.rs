//! Authenticator apps: one sealed secret for each user, and the last time step of which a code was taken.

use crate::clock::Timestamp;
use crate::domain::ids::UserId;
use crate::secret::TotpSecret;
use crate::vault::{Place, Vault};

use super::{Reader, StoreError, Writer, data_key};

/// One user's app.
#[derive(Clone, Debug)]
pub struct App {
    pub secret: TotpSecret,
    /// `None`: no code of it has been entered yet, it does not count.
    pub confirmed_at: Option<Timestamp>,
    pub last_step: i64,
}

/// A new secret, to be confirmed. `false` when the user has an app that counts: that one stays.
///
/// # Errors
/// `Database`, `Vault`.
pub async fn put(
    tx: &mut Writer,
    vault: &Vault,
    user: &UserId,
    secret: &TotpSecret,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let sealed = data_key::seal(tx, vault, secret, place(user)).await?;
    let touched = on!(tx, |c| {
        sqlx::query(
            "INSERT INTO totp (user_id, secret_sealed, created_at, last_step) VALUES ($1, $2, $3, 0) \
             ON CONFLICT (user_id) DO UPDATE SET secret_sealed = excluded.secret_sealed, \
             created_at = excluded.created_at, last_step = 0 WHERE totp.confirmed_at IS NULL",
        )
        .bind(user.as_str())
        .bind(sealed)
        .bind(now.unix())
        .execute(c)
        .await
        .map(|done| done.rows_affected())
    })?;
    Ok(touched > 0)
}

/// # Errors
/// `Database`, `Vault`.
pub async fn find(tx: &mut Reader, vault: &Vault, user: &UserId) -> Result<Option<App>, StoreError> {
    let row: Option<(String, Option<i64>, i64)> = on!(tx, |c| {
        sqlx::query_as("SELECT secret_sealed, confirmed_at, last_step FROM totp WHERE user_id = $1")
            .bind(user.as_str())
            .fetch_optional(c)
            .await
    })?;
    let Some((sealed, confirmed_at, last_step)) = row else { return Ok(None) };
    Ok(Some(App {
        secret: data_key::open(tx, vault, &sealed, place(user)).await?,
        confirmed_at: confirmed_at.map(Timestamp::from_unix),
        last_step,
    }))
}

/// The app counts from now on, and the code of this step is used up. `false` when there is none to confirm.
///
/// # Errors
/// `Database`.
pub async fn confirm(tx: &mut Writer, user: &UserId, step: i64, now: Timestamp) -> Result<bool, StoreError> {
    let touched = on!(tx, |c| {
        sqlx::query(
            "UPDATE totp SET confirmed_at = $3, last_step = $2 WHERE user_id = $1 AND confirmed_at IS NULL",
        )
        .bind(user.as_str())
        .bind(step)
        .bind(now.unix())
        .execute(c)
        .await
        .map(|done| done.rows_affected())
    })?;
    Ok(touched > 0)
}

/// Uses up the code of a step; `false` when one of that step or of a later one was taken already.
///
/// # Errors
/// `Database`.
pub async fn claim_step(tx: &mut Writer, user: &UserId, step: i64) -> Result<bool, StoreError> {
    let touched = on!(tx, |c| {
        sqlx::query(
            "UPDATE totp SET last_step = $2 \
             WHERE user_id = $1 AND confirmed_at IS NOT NULL AND last_step < $2",
        )
        .bind(user.as_str())
        .bind(step)
        .execute(c)
        .await
        .map(|done| done.rows_affected())
    })?;
    Ok(touched > 0)
}

/// # Errors
/// `Database`.
pub async fn forget(tx: &mut Writer, user: &UserId) -> Result<bool, StoreError> {
    let touched = on!(tx, |c| {
        sqlx::query("DELETE FROM totp WHERE user_id = $1")
            .bind(user.as_str())
            .execute(c)
            .await
            .map(|done| done.rows_affected())
    })?;
    Ok(touched > 0)
}

fn place(user: &UserId) -> Place<'_> {
    Place { tenant: None, table: "totp", column: "secret_sealed", row: user.as_str() }
}

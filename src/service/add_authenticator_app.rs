//! An authenticator app is added in two steps: a secret is shown, and it counts once a code of it was entered. With the
//! first second factor every other session ends: they were begun with the password alone.

use crate::clock::Timestamp;
use crate::domain::audit::{Action, Actor, Entry, Subject};
use crate::domain::second_factor::Typed;
use crate::domain::user::User;
use crate::secret::{RecoveryCode, TotpSecret};
use crate::store::{audit, second_factor, session, session_epoch, totp};

use super::authenticator_app::{self, step_of};
use super::renew_recovery_codes::NewCodes;
use super::{Context, IdentityError};

/// Makes a secret to be scanned; an earlier one that was never confirmed ends. `false` when an app counts already.
///
/// # Errors
/// `Store`.
pub async fn start(cx: &Context, now: Timestamp, user: &User) -> Result<bool, IdentityError> {
    let secret = authenticator_app::new_secret(&cx.random);
    let mut tx = cx.store.write().await?;
    let new = totp::put(&mut tx, &cx.vault, &user.id, &secret, now).await?;
    tx.commit().await?;
    Ok(new)
}

/// The secret that waits for its first code.
///
/// # Errors
/// `Store`.
pub async fn waiting(cx: &Context, user: &User) -> Result<Option<TotpSecret>, IdentityError> {
    let app = totp::find(&mut cx.store.read().await?, &cx.vault, &user.id).await?;
    Ok(app.filter(|app| app.confirmed_at.is_none()).map(|app| app.secret))
}

/// How it went.
#[derive(Debug)]
pub enum Added {
    /// Recovery codes are new when there were none left.
    Yes(Option<Vec<RecoveryCode>>),
    WrongCode,
    /// Nothing waits for a code.
    NotStarted,
}

/// The first code of the new app. It is used up with this. `session`: the name of the session that stays.
///
/// # Errors
/// `Store`, `Hashing`.
pub async fn run(
    cx: &Context,
    now: Timestamp,
    by: &Actor,
    (user, session, typed): (&User, &str, &str),
) -> Result<Added, IdentityError> {
    let Some(secret) = waiting(cx, user).await? else { return Ok(Added::NotStarted) };
    let Typed::App(code) = Typed::parse(typed) else { return Ok(Added::WrongCode) };
    let Some(step) = step_of(&secret, &code, now) else { return Ok(Added::WrongCode) };
    let codes = NewCodes::make(cx).await?;
    let mut tx = cx.store.write().await?;
    session_epoch::hold(&mut tx, &user.id).await?;
    let first = !second_factor::of_user(&mut tx, &user.id).await?.any();
    if !totp::confirm(&mut tx, &user.id, step, now).await? {
        return Ok(Added::NotStarted);
    }
    let codes = codes.put_first(&mut tx, &user.id, now).await?;
    if first {
        session::forget_others(&mut tx, &user.id, session).await?;
    }
    audit::append(&mut tx, now, by, &Entry::platform(Action::AppAdded, Subject::user(user))).await?;
    tx.commit().await?;
    Ok(Added::Yes(codes))
}

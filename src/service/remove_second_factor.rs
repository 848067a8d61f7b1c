//! A second factor is taken away: by its owner one at a time, by an administrator all at once.

use crate::clock::Timestamp;
use crate::domain::audit::{Action, Actor, Detail, Entry, Subject};
use crate::domain::ids::{PasskeyId, UserId};
use crate::store::{
    Writer, app_user, audit, passkey, recovery_code, second_factor, session, session_epoch, totp,
};

use super::{Context, IdentityError};

/// What goes.
#[derive(Clone, Debug)]
pub enum Factor {
    App,
    Passkey(PasskeyId),
    All,
}

/// Recovery codes end with the last factor. `session` names the one session of the user that stays, if any: what was
/// removed may be what somebody else signed in with, and who has lost the device has lost the sessions on it.
///
/// # Errors
/// `NotFound` when the user has no such thing, `Store`.
pub async fn run(
    cx: &Context,
    now: Timestamp,
    by: &Actor,
    (user, factor, session): (&UserId, &Factor, Option<&str>),
) -> Result<(), IdentityError> {
    let mut tx = cx.store.write().await?;
    let whose = app_user::find(&mut tx, user).await?.ok_or(IdentityError::NotFound)?;
    session_epoch::hold(&mut tx, user).await?;
    let removed = match factor {
        Factor::App => totp::forget(&mut tx, user).await?,
        Factor::Passkey(id) => passkey::forget(&mut tx, user, id).await?,
        Factor::All => forget_all(&mut tx, user).await?,
    };
    if !removed {
        return Err(IdentityError::NotFound);
    }
    if !second_factor::of_user(&mut tx, user).await?.any() {
        recovery_code::forget(&mut tx, user).await?;
    }
    match session {
        Some(name) => session::forget_others(&mut tx, user, name).await.map(drop)?,
        None => session::forget_of_user(&mut tx, user).await?,
    }
    let (action, what) = match factor {
        Factor::App => (Action::SecondFactorRemoved, "app"),
        Factor::Passkey(_) => (Action::SecondFactorRemoved, "passkey"),
        Factor::All => (Action::SecondFactorsReset, "all"),
    };
    let entry = Entry::platform(action, Subject::user(&whose)).with(Detail::none().fact("factor", what));
    audit::append(&mut tx, now, by, &entry).await?;
    tx.commit().await?;
    Ok(())
}

async fn forget_all(tx: &mut Writer, user: &UserId) -> Result<bool, IdentityError> {
    let had = second_factor::of_user(tx, user).await?.any();
    totp::forget(tx, user).await?;
    passkey::forget_of_user(tx, user).await?;
    Ok(had)
}

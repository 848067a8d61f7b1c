//! A person chooses another password; every other session of theirs ends.

use std::net::IpAddr;
use std::time::Duration;

use crate::clock::Timestamp;
use crate::domain::audit::{Action, Actor, Entry, Subject};
use crate::domain::person_link::LinkKind;
use crate::domain::second_factor::Purpose;
use crate::domain::user::User;
use crate::secret::Password;
use crate::store::{app_user, audit, person_link, proof_try, session};

use super::throttle::{self, Try};
use super::{Context, IdentityError, password, password_reset, password_rules, prove_identity};

/// What came of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    Changed,
    /// The present password is another one.
    WrongPassword,
    Wait(Duration),
}

/// `session`: the name of the session that stays.
///
/// # Errors
/// `Password`, `NotFound`, `Hashing`, `Store`.
pub async fn run(
    cx: &Context,
    (now, by): (Timestamp, &Actor),
    (user, session): (&User, &str),
    (present, new): (Password, Password),
    from: Option<IpAddr>,
) -> Result<Outcome, IdentityError> {
    password_rules::check(&new, &[user.email.as_str(), &user.name])?;
    let attempt = Try::of(user.email.as_str(), from);
    if let Err(wait) = throttle::admit(cx, now, &attempt).await? {
        return Ok(Outcome::Wait(wait));
    }
    let found = app_user::find_by_email(&mut cx.store.read().await?, &user.email).await?;
    let (_, old) = found.ok_or(IdentityError::NotFound)?;
    if !password::verify(present, Some(old.clone())).await? {
        return refuse(cx, (now, by), user).await;
    }
    let hash = password::hash(&cx.random, new).await?;
    let mut tx = cx.store.write().await?;
    if !app_user::exchange_password_hash(&mut tx, &user.id, (&old, &hash)).await? {
        drop(tx);
        return refuse(cx, (now, by), user).await;
    }
    throttle::succeeded(&mut tx, now, &attempt).await?;
    session::forget_others(&mut tx, &user.id, session).await?;
    proof_try::forget_sign_in(&mut tx, &user.id).await?;
    person_link::forget_of_user(&mut tx, LinkKind::PasswordReset, &user.id).await?;
    password_reset::tell_of_change(cx, &mut tx, now, user).await?;
    let entry = Entry::platform(Action::PasswordChanged, Subject::user(user));
    audit::append(&mut tx, now, by, &entry).await?;
    tx.commit().await?;
    Ok(Outcome::Changed)
}

/// Told like a step-up that failed: a stolen session tries passwords.
async fn refuse(cx: &Context, (now, by): (Timestamp, &Actor), user: &User) -> Result<Outcome, IdentityError> {
    let mut tx = cx.store.write().await?;
    prove_identity::tell(&mut tx, (now, by), (user, Purpose::StepUp), ("password", false)).await?;
    tx.commit().await?;
    Ok(Outcome::WrongPassword)
}

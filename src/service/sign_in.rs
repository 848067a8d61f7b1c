//! Someone says who they are. Unknown, wrong and disabled are the same answer after the same time; who tries too often
//! is told how long to wait.

use std::time::Duration;

use crate::clock::Timestamp;
use crate::domain::audit::{Action, Actor, Detail, Entry, Subject};
use crate::domain::user::{Email, User};
use crate::secret::Password;
use crate::store::{StoreError, Writer, app_user, audit, second_factor};

use super::password;
use super::throttle::{self, Try};
use super::{Context, IdentityError};

/// How a try to sign in ended.
#[derive(Debug)]
pub enum Outcome {
    Welcome(User),
    /// The password was right, and a second step is to come; nobody is signed in yet.
    SecondStep(User),
    /// The e-mail address and the password do not belong together, or the user is disabled.
    Refused,
    /// Nothing was looked at; in so long there is another try.
    Wait(Duration),
}

/// # Errors
/// `Store`, `Hashing`.
pub async fn run(
    cx: &Context,
    now: Timestamp,
    by: &Actor,
    (email, password): (&str, Password),
) -> Result<Outcome, IdentityError> {
    let attempt = Try::of(email, by.address);
    if let Err(wait) = throttle::admit(cx, now, &attempt).await? {
        return Ok(Outcome::Wait(wait));
    }
    let email = Email::parse(email).ok();
    let known = match &email {
        Some(email) => app_user::find_by_email(&mut cx.store.read().await?, email).await?,
        None => None,
    };
    let (user, hash) = known.unzip();
    let password = password::bounded(password);
    if !password::verify(password.clone(), hash.clone()).await? {
        fail(cx, now, by, (email, user.as_ref())).await?;
        return Ok(Outcome::Refused);
    }
    let Some(user) = user else { return Ok(Outcome::Refused) };
    if user.disabled_at.is_some() {
        fail(cx, now, by, (email, Some(&user))).await?;
        return Ok(Outcome::Refused);
    }
    let better = match hash.filter(|hash| password::is_cheap(hash)) {
        Some(old) => Some((old, password::hash(&cx.random, password).await?)),
        None => None,
    };
    let mut tx = cx.store.write().await?;
    throttle::refund(&mut tx, now, &attempt).await?;
    if let Some((old, new)) = better {
        app_user::exchange_password_hash(&mut tx, &user.id, (&old, &new)).await?;
    }
    let outcome = if second_factor::of_user(&mut tx, &user.id).await?.any() {
        let entry = Entry::platform(Action::FirstStepPassed, Subject::user(&user));
        // Whoever knows the password only is not known to be the user.
        audit::append(&mut tx, now, by, &entry).await?;
        Outcome::SecondStep(user)
    } else {
        complete(&mut tx, now, by, (&user, Detail::none())).await?;
        Outcome::Welcome(user)
    };
    tx.commit().await?;
    Ok(outcome)
}

/// Nothing more is asked for: the one record of the sign-in, and the address is known from now on.
///
/// # Errors
/// When the database does not take it.
pub(super) async fn complete(
    tx: &mut Writer,
    now: Timestamp,
    by: &Actor,
    (user, with): (&User, Detail),
) -> Result<(), StoreError> {
    throttle::put_known(tx, now, &Try::of(user.email.as_str(), by.address)).await?;
    app_user::touch_sign_in(tx, &user.id, now).await?;
    let entry = Entry::platform(Action::SignedIn, Subject::user(user)).with(with);
    audit::append(tx, now, &by.turned_out_to_be(user), &entry).await
}

/// Tells of an attempt in vain. What was entered is told only when it has the form of an address: people enter their
/// password in the wrong field.
async fn fail(
    cx: &Context,
    now: Timestamp,
    by: &Actor,
    (email, user): (Option<Email>, Option<&User>),
) -> Result<(), IdentityError> {
    let subject = user.map_or_else(Subject::platform, Subject::user);
    let disabled = user.is_some_and(|user| user.disabled_at.is_some());
    let detail = Detail::none().fact("email", email.as_ref()).fact("disabled", disabled);
    let mut tx = cx.store.write().await?;
    audit::append(&mut tx, now, by, &Entry::platform(Action::SignInFailed, subject).with(detail)).await?;
    tx.commit().await?;
    Ok(())
}

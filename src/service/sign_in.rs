//! Someone says who they are. Unknown, wrong and disabled are the same answer after the same time; who tries too often
//! is told how long to wait.

use std::time::Duration;

use crate::clock::Timestamp;
use crate::domain::audit::{Action, Actor, Detail, Entry, Subject};
use crate::domain::user::{Email, Proved, User};
use crate::secret::Password;
use crate::store::{StoreError, Writer, app_user, audit, second_factor, session_epoch};

use super::password;
use super::throttle::{self, Try};
use super::{Context, IdentityError};

/// How a try to sign in ended.
#[derive(Debug)]
pub enum Outcome {
    Welcome(Proved),
    /// The password was right, and a second step is to come; nobody is signed in yet.
    SecondStep(Proved),
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
    let password = password::bounded(password);
    // Looked at once more when another hash came in between: the same person may have signed in elsewhere and left a
    // costlier one, or there is another password now.
    let mut refused = None;
    for _ in 0..2 {
        match look(cx, email.as_ref(), &password).await? {
            Ok(right) => {
                if let Some(outcome) = enter(cx, now, by, (&attempt, &right)).await? {
                    return Ok(outcome);
                }
                refused = Some(right.user);
            }
            Err(user) => {
                refused = user;
                break;
            }
        }
    }
    fail(cx, now, by, (email, refused.as_ref())).await?;
    Ok(Outcome::Refused)
}

/// Somebody whose password was right when it was looked at.
struct Right {
    user: User,
    hash: String,
    /// In the place of one that cost less than today's.
    better: Option<String>,
}

/// `Err`: whose password it is not, or who is shut out, as far as that is known.
async fn look(
    cx: &Context,
    email: Option<&Email>,
    password: &Password,
) -> Result<Result<Right, Option<User>>, IdentityError> {
    let known = match email {
        Some(email) => app_user::find_by_email(&mut cx.store.read().await?, email).await?,
        None => None,
    };
    let (user, hash) = known.unzip();
    let right = password::verify(password.clone(), hash.clone()).await?;
    let (Some(user), Some(hash)) = (user, hash) else { return Ok(Err(None)) };
    if !right || user.disabled_at.is_some() {
        return Ok(Err(Some(user)));
    }
    let better = if password::is_cheap(&hash) {
        Some(password::hash(&cx.random, password.clone()).await?)
    } else {
        None
    };
    Ok(Ok(Right { user, hash, better }))
}

/// `None` when the password or the permission that was looked at does not count any more.
async fn enter(
    cx: &Context,
    now: Timestamp,
    by: &Actor,
    (attempt, right): (&Try, &Right),
) -> Result<Option<Outcome>, IdentityError> {
    let Right { user, hash, better } = right;
    let mut tx = cx.store.write().await?;
    let kept = better.as_ref().unwrap_or(hash);
    let Some(epoch) = session_epoch::claim(&mut tx, &user.id, (hash, kept)).await? else { return Ok(None) };
    let who = Proved { user: user.clone(), epoch };
    throttle::refund(&mut tx, now, attempt).await?;
    let outcome = if second_factor::of_user(&mut tx, &user.id).await?.any() {
        let entry = Entry::platform(Action::FirstStepPassed, Subject::user(user));
        // Whoever knows the password only is not known to be the user.
        audit::append(&mut tx, now, by, &entry).await?;
        Outcome::SecondStep(who)
    } else {
        complete(&mut tx, now, by, (user, Detail::none())).await?;
        Outcome::Welcome(who)
    };
    tx.commit().await?;
    Ok(Some(outcome))
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
    app_user::touch_sign_in(tx, &user.id, now).await?;
    throttle::put_known(tx, now, &Try::of(user.email.as_str(), by.address)).await?;
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

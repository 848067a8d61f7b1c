//! Someone says who they are. Unknown, wrong and disabled are the same answer after the same time.

use crate::clock::Timestamp;
use crate::domain::audit::{Action, Actor, Detail, Entry, Subject};
use crate::domain::user::{Email, User};
use crate::secret::Password;
use crate::store::{app_user, audit};

use super::password;
use super::{Context, IdentityError};

/// `None` when the e-mail address and the password do not belong together, or the user is disabled.
///
/// # Errors
/// `Store`, `Hashing`.
pub async fn run(
    cx: &Context,
    now: Timestamp,
    by: &Actor,
    email: &str,
    password: Password,
) -> Result<Option<User>, IdentityError> {
    let email = Email::parse(email).ok();
    let known = match &email {
        Some(email) => app_user::find_by_email(&mut cx.store.read().await?, email).await?,
        None => None,
    };
    let (user, hash) = known.unzip();
    if !password::verify(password::bounded(password), hash).await? {
        fail(cx, now, by, (email, user.as_ref())).await?;
        return Ok(None);
    }
    let Some(user) = user else { return Ok(None) };
    if user.disabled_at.is_some() {
        fail(cx, now, by, (email, Some(&user))).await?;
        return Ok(None);
    }
    let mut tx = cx.store.write().await?;
    app_user::touch_sign_in(&mut tx, &user.id, now).await?;
    let entry = Entry::platform(Action::SignedIn, Subject::user(&user));
    audit::append(&mut tx, now, &by.turned_out_to_be(&user), &entry).await?;
    tx.commit().await?;
    Ok(Some(user))
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

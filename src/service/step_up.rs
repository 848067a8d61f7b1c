//! Somebody who is signed in shows once more who they are.

use crate::clock::Timestamp;
use crate::domain::audit::{Action, Actor, Entry, Subject};
use crate::domain::user::User;
use crate::secret::Password;
use crate::store::{app_user, audit};

use super::password;
use super::{Context, IdentityError};

/// Whether it is the user's password.
///
/// # Errors
/// `Store`, `Hashing`.
pub async fn with_password(
    cx: &Context,
    now: Timestamp,
    by: &Actor,
    user: &User,
    password: Password,
) -> Result<bool, IdentityError> {
    let known = app_user::find_by_email(&mut cx.store.read().await?, &user.email).await?;
    let known = known.filter(|(known, _)| known.id == user.id && known.disabled_at.is_none());
    let proved = password::verify(password::bounded(password), known.map(|(_, hash)| hash)).await?;
    let action = if proved { Action::SteppedUp } else { Action::StepUpFailed };
    let mut tx = cx.store.write().await?;
    audit::append(&mut tx, now, by, &Entry::platform(action, Subject::user(user))).await?;
    tx.commit().await?;
    Ok(proved)
}

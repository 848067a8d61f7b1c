//! Someone says who they are. Unknown, wrong and disabled are the same answer after the same time.

use crate::clock::Timestamp;
use crate::domain::user::{Email, User};
use crate::secret::Password;
use crate::store::app_user;

use super::password;
use super::{Context, IdentityError};

/// `None` when the e-mail address and the password do not belong together, or the user is disabled.
///
/// # Errors
/// `Store`, `Hashing`.
pub async fn run(
    cx: &Context,
    now: Timestamp,
    email: &str,
    password: Password,
) -> Result<Option<User>, IdentityError> {
    let known = match Email::parse(email) {
        Ok(email) => app_user::find_by_email(&mut cx.store.read().await?, &email).await?,
        Err(_) => None,
    };
    let (user, hash) = known.unzip();
    if !password::verify(password::bounded(password), hash).await? {
        return Ok(None);
    }
    let Some(user) = user.filter(|user| user.disabled_at.is_none()) else { return Ok(None) };
    let mut tx = cx.store.write().await?;
    app_user::touch_sign_in(&mut tx, &user.id, now).await?;
    tx.commit().await?;
    Ok(Some(user))
}

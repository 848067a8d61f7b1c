//! Shuts a user out at once, or lets one in again.

use crate::clock::Timestamp;
use crate::domain::audit::{Action, Actor, Entry, Subject};
use crate::domain::ids::UserId;
use crate::store::{app_user, audit, session};

use super::{Context, IdentityError};

/// Whether a user may sign in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    Disabled,
    Enabled,
}

/// Ends every session of a user who is disabled.
///
/// # Errors
/// `NotFound`, `LastAdmin`, `Store`.
pub async fn run(
    cx: &Context,
    now: Timestamp,
    by: &Actor,
    id: &UserId,
    access: Access,
) -> Result<(), IdentityError> {
    let mut tx = cx.store.write().await?;
    app_user::lock_admins(&mut tx).await?;
    let user = app_user::find(&mut tx, id).await?.ok_or(IdentityError::NotFound)?;
    match access {
        Access::Disabled => {
            let counts = user.is_platform_admin() && user.disabled_at.is_none();
            if counts && app_user::count_platform_admins(&mut tx).await? <= 1 {
                return Err(IdentityError::LastAdmin);
            }
            app_user::put_disabled(&mut tx, id, Some(now)).await?;
            session::forget_of_user(&mut tx, id).await?;
        }
        Access::Enabled => app_user::put_disabled(&mut tx, id, None).await?,
    }
    let action = match access {
        Access::Disabled => Action::UserDisabled,
        Access::Enabled => Action::UserEnabled,
    };
    audit::append(&mut tx, now, by, &Entry::platform(action, Subject::user(&user))).await?;
    tx.commit().await?;
    Ok(())
}

//! The first start: a one-time link, printed to the console, makes the first platform administrator.

use std::time::Duration;

use crate::clock::Timestamp;
use crate::domain::audit::{Action, Actor, Entry, Subject};
use crate::domain::role::PlatformRole;
use crate::domain::user::User;
use crate::secret::{OneTimeToken, Secret, fingerprint};
use crate::store::{app_user, audit, setup_link};

use super::create_user::{self, NewUser};
use super::{Context, IdentityError};

const LIFE: Duration = Duration::from_secs(24 * 3600);

/// Makes a new link, good for 24 hours and one use; earlier ones end. `None` when there is an administrator.
///
/// # Errors
/// `Store`.
pub async fn offer(cx: &Context, now: Timestamp) -> Result<Option<OneTimeToken>, IdentityError> {
    let mut tx = cx.store.write().await?;
    if app_user::count_platform_admins(&mut tx).await? > 0 {
        return Ok(None);
    }
    let token = OneTimeToken::new(cx.random.url_safe(43));
    setup_link::put(&mut tx, &token.fingerprint(), now, now.plus(LIFE)).await?;
    tx.commit().await?;
    Ok(Some(token))
}

/// Whether the link can still be used.
///
/// # Errors
/// `Store`.
pub async fn is_open(cx: &Context, now: Timestamp, token: &str) -> Result<bool, IdentityError> {
    let mut tx = cx.store.read().await?;
    Ok(setup_link::is_open(&mut tx, &fingerprint(token), now).await?)
}

/// Uses the link up and makes the administrator.
///
/// # Errors
/// `LinkClosed`, `Taken`, `Password`, `Hashing`, `Store`.
pub async fn run(
    cx: &Context,
    now: Timestamp,
    by: &Actor,
    token: &str,
    new: NewUser,
) -> Result<User, IdentityError> {
    let new = NewUser { platform: Some(PlatformRole::Admin), ..new };
    let (user, hash) = create_user::prepare(cx, now, &new, &[]).await?;
    let mut tx = cx.store.write().await?;
    if !setup_link::claim(&mut tx, &fingerprint(token), now).await? {
        return Err(IdentityError::LinkClosed);
    }
    if app_user::count_platform_admins(&mut tx).await? > 0 {
        return Err(IdentityError::LinkClosed);
    }
    create_user::insert(&mut tx, now, &user, &hash, new.membership.as_ref()).await?;
    let entry = Entry::platform(Action::PlatformSetUp, Subject::user(&user));
    audit::append(&mut tx, now, &by.turned_out_to_be(&user), &entry).await?;
    tx.commit().await?;
    Ok(user)
}

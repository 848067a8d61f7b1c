//! What somebody has besides the password, for the pages that ask for it.

use crate::domain::ids::{TenantId, UserId};
use crate::domain::second_factor::{Factors, Passkey};
use crate::domain::user::User;
use crate::store::{app_user, passkey, second_factor};

use super::{Context, IdentityError};

/// # Errors
/// `Store`.
pub async fn run(cx: &Context, user: &UserId) -> Result<Factors, IdentityError> {
    Ok(second_factor::of_user(&mut cx.store.read().await?, user).await?)
}

/// Somebody who can sign in, with what they have.
///
/// # Errors
/// `Store`.
pub async fn whose(cx: &Context, user: &UserId) -> Result<Option<(User, Factors)>, IdentityError> {
    let mut tx = cx.store.read().await?;
    let found = app_user::find(&mut tx, user).await?.filter(|user| user.disabled_at.is_none());
    let factors = second_factor::of_user(&mut tx, user).await?;
    Ok(found.map(|user| (user, factors)))
}

/// Oldest first.
///
/// # Errors
/// `Store`.
pub async fn passkeys(cx: &Context, user: &UserId) -> Result<Vec<Passkey>, IdentityError> {
    let stored = passkey::list_of_user(&mut cx.store.read().await?, user).await?;
    Ok(stored.into_iter().map(|stored| stored.passkey).collect())
}

/// Whether a tenant asks its members for a second factor.
///
/// # Errors
/// `Store`.
pub async fn is_required(cx: &Context, tenant: &TenantId) -> Result<bool, IdentityError> {
    Ok(second_factor::required_since(&mut cx.store.read().await?, tenant).await?.is_some())
}

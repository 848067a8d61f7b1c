//! Makes a user a member of a tenant, changes the role, or takes the membership away.

use crate::clock::Timestamp;
use crate::domain::ids::{TenantId, UserId};
use crate::domain::role::Role;
use crate::store::{app_user, membership, tenant};

use super::{Context, IdentityError};

/// `None` takes the membership away. It holds from the member's next request on.
///
/// # Errors
/// `NotFound`, `Store`.
pub async fn run(
    cx: &Context,
    now: Timestamp,
    of: &TenantId,
    user: &UserId,
    role: Option<Role>,
) -> Result<(), IdentityError> {
    let mut tx = cx.store.write().await?;
    tenant::find(&mut tx, of).await?.ok_or(IdentityError::NotFound)?;
    app_user::find(&mut tx, user).await?.ok_or(IdentityError::NotFound)?;
    match role {
        Some(role) => membership::put(&mut tx, of, user, role, now).await?,
        None => {
            if !membership::forget(&mut tx, of, user).await? {
                return Err(IdentityError::NotFound);
            }
        }
    }
    tx.commit().await?;
    Ok(())
}

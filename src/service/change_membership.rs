//! Makes a user a member of a tenant, changes the role, or takes the membership away.

use crate::clock::Timestamp;
use crate::domain::audit::{Action, Actor, Detail, Entry, Subject};
use crate::domain::ids::{TenantId, UserId};
use crate::domain::role::Role;
use crate::domain::tenant_life::Counted;
use crate::store::{app_user, audit, membership, tenant};

use super::{Context, IdentityError, quota};

/// `None` takes the membership away. It holds from the member's next request on.
///
/// # Errors
/// `NotFound`, `Full`, `LastOwner`, `Store`.
pub async fn run(
    cx: &Context,
    now: Timestamp,
    by: &Actor,
    of: &TenantId,
    user: &UserId,
    role: Option<Role>,
) -> Result<(), IdentityError> {
    let mut tx = cx.store.write().await?;
    tenant::find(&mut tx, of).await?.ok_or(IdentityError::NotFound)?;
    let member = app_user::find(&mut tx, user).await?.ok_or(IdentityError::NotFound)?;
    membership::lock(&mut tx, of).await?;
    let before = membership::find(&mut tx, of, user).await?;
    let owned = before == Some(Role::Owner);
    if owned && role != Some(Role::Owner) && membership::count_other_owners(&mut tx, of, user).await? == 0 {
        return Err(IdentityError::LastOwner);
    }
    match role {
        Some(_) if before.is_none() && !quota::has_room(&mut tx, of, Counted::Members, now).await? => {
            return Err(IdentityError::Full);
        }
        Some(role) => membership::put(&mut tx, of, user, role, now).await?,
        None => {
            if !membership::forget(&mut tx, of, user).await? {
                return Err(IdentityError::NotFound);
            }
        }
    }
    let action = if role.is_some() { Action::MemberPut } else { Action::MemberRemoved };
    let detail = Detail::none().change("role", before, role);
    audit::append(&mut tx, now, by, &Entry::of(of, action, Subject::user(&member)).with(detail)).await?;
    tx.commit().await?;
    Ok(())
}

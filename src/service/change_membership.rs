//! Changes the role of a member, or takes the membership away. Nobody becomes a member this way: an address is not proof
//! of who reads it, so that takes an invitation (`accept_invitation`), or an account that is made at once (`create_user`).

use crate::clock::Timestamp;
use crate::domain::audit::{Action, Actor, Detail, Entry, Subject};
use crate::domain::ids::{TenantId, UserId};
use crate::domain::role::Role;
use crate::store::{app_user, audit, membership, tenant};

use super::{Context, IdentityError};

/// `None` takes the membership away. It holds from the member's next request on.
///
/// # Errors
/// `NotFound` (also who is no member), `LastOwner`, `Store`.
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
    let before = membership::find(&mut tx, of, user).await?.ok_or(IdentityError::NotFound)?;
    let owned = before == Role::Owner;
    if owned && role != Some(Role::Owner) && membership::count_other_owners(&mut tx, of, user).await? == 0 {
        return Err(IdentityError::LastOwner);
    }
    match role {
        Some(role) => membership::put(&mut tx, of, user, role, now).await?,
        None => {
            membership::forget(&mut tx, of, user).await?;
        }
    }
    let action = if role.is_some() { Action::MemberPut } else { Action::MemberRemoved };
    let detail = Detail::none().change("role", Some(before), role);
    audit::append(&mut tx, now, by, &Entry::of(of, action, Subject::user(&member)).with(detail)).await?;
    tx.commit().await?;
    Ok(())
}

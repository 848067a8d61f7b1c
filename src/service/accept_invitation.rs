//! Somebody who was invited becomes a member: with a new account, or with the one they are signed in to.

use crate::clock::Timestamp;
use crate::domain::audit::{Action, Actor, Detail, Entry, Subject};
use crate::domain::invitation::Invitation;
use crate::domain::tenant::Tenant;
use crate::domain::tenant_life::Counted;
use crate::domain::user::{Email, User};
use crate::secret::{Password, fingerprint};
use crate::store::{Reader, Writer, audit, invitation, membership, tenant};

use super::create_user::{self, NewUser};
use super::{Context, IdentityError, quota};

/// An invitation as its page shows it. Nothing here tells whether the address has an account: who holds the link may be
/// the inviter.
#[derive(Clone, Debug)]
pub struct Open {
    pub invitation: Invitation,
    pub tenant: Tenant,
}

/// # Errors
/// `LinkClosed`, `Store`.
pub async fn open(cx: &Context, now: Timestamp, token: &str) -> Result<Open, IdentityError> {
    let mut tx = cx.store.read().await?;
    let found = invitation::find_open(&mut tx, &fingerprint(token), now).await?;
    let invitation = found.ok_or(IdentityError::LinkClosed)?;
    let tenant = tenant_of(&mut tx, &invitation).await?;
    Ok(Open { invitation, tenant })
}

async fn tenant_of(tx: &mut Reader, invitation: &Invitation) -> Result<Tenant, IdentityError> {
    let found = tenant::find(tx, &invitation.tenant).await?;
    found.filter(|tenant| tenant.suspended_at.is_none()).ok_or(IdentityError::LinkClosed)
}

/// Makes the account, with the invited address, and the membership.
///
/// # Errors
/// `LinkClosed`, `Full`, `Taken`, `Password`, `Hashing`, `Store`.
pub async fn as_new_user(
    cx: &Context,
    (now, by): (Timestamp, &Actor),
    token: &str,
    (name, password): (String, Password),
) -> Result<User, IdentityError> {
    let Open { invitation, tenant } = open(cx, now, token).await?;
    let email: Email = invitation.email;
    let new = NewUser { email, name, password, platform: None, membership: None };
    let (user, hash) = create_user::prepare(cx, now, &new, &[&tenant.name]).await?;
    let mut tx = cx.store.write().await?;
    let accepted = invitation::accept(&mut tx, &fingerprint(token), now).await?;
    let accepted = accepted.ok_or(IdentityError::LinkClosed)?;
    tenant_of(&mut tx, &accepted).await?;
    check_room(&mut tx, &accepted, now).await?;
    let member = (accepted.tenant.clone(), accepted.role);
    create_user::insert(&mut tx, now, &user, &hash, Some(&member)).await?;
    audit::append(&mut tx, now, &by.turned_out_to_be(&user), &joined(&accepted, &user)).await?;
    tx.commit().await?;
    Ok(user)
}

/// Makes somebody who is signed in a member. Who is one already keeps the role.
///
/// # Errors
/// `LinkClosed`, `Full`, `Store`.
pub async fn as_user(
    cx: &Context,
    (now, by): (Timestamp, &Actor),
    token: &str,
    user: &User,
) -> Result<Tenant, IdentityError> {
    let mut tx = cx.store.write().await?;
    let accepted = invitation::accept(&mut tx, &fingerprint(token), now).await?;
    let accepted = accepted.ok_or(IdentityError::LinkClosed)?;
    let tenant = tenant_of(&mut tx, &accepted).await?;
    if membership::find(&mut tx, &tenant.id, &user.id).await?.is_none() {
        check_room(&mut tx, &accepted, now).await?;
        membership::put(&mut tx, &tenant.id, &user.id, accepted.role, now).await?;
    }
    audit::append(&mut tx, now, by, &joined(&accepted, user)).await?;
    tx.commit().await?;
    Ok(tenant)
}

/// An invitation is older than the room that it was written for.
async fn check_room(tx: &mut Writer, accepted: &Invitation, now: Timestamp) -> Result<(), IdentityError> {
    let room = quota::has_room(tx, &accepted.tenant, Counted::Members, now).await?;
    if room { Ok(()) } else { Err(IdentityError::Full) }
}

fn joined(accepted: &Invitation, user: &User) -> Entry {
    Entry::of(&accepted.tenant, Action::InvitationAccepted, Subject::user(user))
        .with(Detail::none().fact("role", accepted.role.as_str()))
}

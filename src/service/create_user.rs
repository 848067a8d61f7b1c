//! Makes a user, and a member of a tenant at once when one is named.

use crate::clock::Timestamp;
use crate::domain::audit::{Action, Actor, Detail, Entry, Subject};
use crate::domain::ids::{TenantId, UserId};
use crate::domain::role::{PlatformRole, Role};
use crate::domain::user::{Email, User};
use crate::secret::Password;
use crate::store::{StoreError, Writer, app_user, audit, membership, tenant};

use super::identity_error::Taken;
use super::{Context, IdentityError, password, password_rules};

/// What is known of a new user.
#[derive(Debug)]
pub struct NewUser {
    pub email: Email,
    /// See `domain::user::parse_name`.
    pub name: String,
    pub password: Password,
    pub platform: Option<PlatformRole>,
    pub membership: Option<(TenantId, Role)>,
}

/// # Errors
/// `Taken`, `Password`, `NotFound` (the tenant), `Hashing`, `Store`.
pub async fn run(cx: &Context, now: Timestamp, by: &Actor, new: NewUser) -> Result<User, IdentityError> {
    let (user, hash) = prepare(cx, now, &new, &[]).await?;
    let mut tx = cx.store.write().await?;
    insert(&mut tx, now, &user, &hash, new.membership.as_ref()).await?;
    let (tenant, role) = new.membership.unzip();
    let detail = Detail::none().change("platform", None::<PlatformRole>, user.platform).change(
        "role",
        None::<Role>,
        role,
    );
    let entry = Entry { tenant, action: Action::UserCreated, subject: Subject::user(&user), detail };
    audit::append(&mut tx, now, by, &entry).await?;
    tx.commit().await?;
    Ok(user)
}

/// `about`: what else is known of the person and may not be the password.
/// Checks and hashes before any transaction is open: hashing takes long.
pub(super) async fn prepare(
    cx: &Context,
    now: Timestamp,
    new: &NewUser,
    about: &[&str],
) -> Result<(User, String), IdentityError> {
    let mut known = vec![new.email.as_str(), &new.name];
    known.extend(about);
    password_rules::check(&new.password, &known)?;
    let hash = password::hash(&cx.random, new.password.clone()).await?;
    let id = UserId::parse(&cx.random.id(now)).map_err(|_| IdentityError::NotFound)?;
    let user = User {
        id,
        email: new.email.clone(),
        name: new.name.clone(),
        platform: new.platform,
        language: None,
        zone: None,
        created_at: now,
        last_sign_in_at: None,
        disabled_at: None,
    };
    Ok((user, hash))
}

pub(super) async fn insert(
    tx: &mut Writer,
    now: Timestamp,
    user: &User,
    hash: &str,
    member: Option<&(TenantId, Role)>,
) -> Result<(), IdentityError> {
    app_user::insert(tx, user, hash).await.map_err(|error| match error {
        StoreError::Conflict(_) => IdentityError::Taken(Taken::Email),
        other => IdentityError::Store(other),
    })?;
    if let Some((id, role)) = member {
        tenant::find(tx, id).await?.ok_or(IdentityError::NotFound)?;
        membership::put(tx, id, &user.id, *role, now).await?;
    }
    Ok(())
}

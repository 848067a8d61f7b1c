//! Makes a tenant.

use crate::clock::Timestamp;
use crate::domain::audit::{Action, Actor, Detail, Entry, Subject};
use crate::domain::ids::TenantId;
use crate::domain::tenant::{Slug, Tenant};
use crate::store::{StoreError, audit, tenant};

use super::identity_error::Taken;
use super::{Context, IdentityError};

/// `name` as `domain::user::parse_name` leaves it.
///
/// # Errors
/// `Taken`, `Store`.
pub async fn run(
    cx: &Context,
    now: Timestamp,
    by: &Actor,
    slug: Slug,
    name: String,
) -> Result<Tenant, IdentityError> {
    let id = TenantId::parse(&cx.random.id(now)).map_err(|_| IdentityError::NotFound)?;
    let made = Tenant { id, slug, name, created_at: now, suspended_at: None };
    let mut tx = cx.store.write().await?;
    tenant::insert(&mut tx, &made).await.map_err(|error| match error {
        StoreError::Conflict(_) => IdentityError::Taken(Taken::Slug),
        other => IdentityError::Store(other),
    })?;
    let entry = Entry::of(&made.id, Action::TenantCreated, Subject::tenant(&made));
    audit::append(&mut tx, now, by, &entry.with(Detail::none().fact("slug", &made.slug))).await?;
    tx.commit().await?;
    Ok(made)
}

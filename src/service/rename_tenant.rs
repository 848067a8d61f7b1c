//! Gives a tenant another name; its slug stays.

use crate::clock::Timestamp;
use crate::domain::audit::{Action, Actor, Detail, Entry, Said, Subject};
use crate::domain::ids::TenantId;
use crate::store::{audit, tenant};

use super::{Context, IdentityError};

/// `name` as `domain::user::parse_name` leaves it.
///
/// # Errors
/// `NotFound`, `Store`.
pub async fn run(
    cx: &Context,
    now: Timestamp,
    by: &Actor,
    id: &TenantId,
    name: &str,
) -> Result<(), IdentityError> {
    let mut tx = cx.store.write().await?;
    let before = tenant::find(&mut tx, id).await?.ok_or(IdentityError::NotFound)?;
    tenant::rename(&mut tx, id, name).await?;
    let entry = Entry::of(id, Action::TenantRenamed, Subject::tenant(&before));
    let detail = Detail::none().change("name", Said(&before.name), Said(name));
    audit::append(&mut tx, now, by, &entry.with(detail)).await?;
    tx.commit().await?;
    Ok(())
}

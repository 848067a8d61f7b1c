//! Sets how many accounts, members and keys a tenant may have. What there is already stays.

use crate::clock::Timestamp;
use crate::domain::audit::{Action, Actor, Detail, Entry, Subject};
use crate::domain::ids::TenantId;
use crate::domain::tenant_life::Quota;
use crate::store::{audit, tenant, tenant_life};

use super::{Context, ServiceError};

/// # Errors
/// `NotFound`, `Store`.
pub async fn run(
    cx: &Context,
    now: Timestamp,
    by: &Actor,
    of: &TenantId,
    quota: &Quota,
) -> Result<(), ServiceError> {
    let mut tx = cx.store.write().await?;
    let known = tenant::find(&mut tx, of).await?.ok_or(ServiceError::NotFound)?;
    let before = tenant_life::lock_quota(&mut tx, of).await?;
    tenant_life::set_quota(&mut tx, of, quota).await?;
    let detail = Detail::none()
        .change("authorizers", before.authorizers, quota.authorizers)
        .change("members", before.members, quota.members)
        .change("keys", before.keys, quota.keys);
    let entry = Entry::of(of, Action::TenantLimited, Subject::tenant(&known)).with(detail);
    audit::append(&mut tx, now, by, &entry).await?;
    tx.commit().await?;
    Ok(())
}

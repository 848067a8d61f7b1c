//! Changes the logo that merchants see, or takes it away.

use crate::clock::Timestamp;
use crate::domain::audit::{Action, Actor, Detail, Entry, Said, Subject};
use crate::domain::ids::TenantId;
use crate::domain::logo::Logo;
use crate::store::{audit, tenant, tenant_logo};

use super::{Context, ServiceError};

/// # Errors
/// `NotFound` when there is no such tenant, `Store`.
pub async fn run(
    cx: &Context,
    now: Timestamp,
    by: &Actor,
    of: &TenantId,
    logo: &Logo,
) -> Result<(), ServiceError> {
    let mut tx = cx.store.write().await?;
    let tenant = tenant::find(&mut tx, of).await?.ok_or(ServiceError::NotFound)?;
    tenant_logo::put(&mut tx, of, logo, now).await?;
    let detail = Detail::none().fact("file", Said(&logo.name));
    let entry = Entry::of(of, Action::LogoChanged, Subject::tenant(&tenant)).with(detail);
    audit::append(&mut tx, now, by, &entry).await?;
    Ok(tx.commit().await?)
}

/// Removing what is not there changes nothing.
///
/// # Errors
/// `NotFound` when there is no such tenant, `Store`.
pub async fn remove(cx: &Context, now: Timestamp, by: &Actor, of: &TenantId) -> Result<(), ServiceError> {
    let mut tx = cx.store.write().await?;
    let tenant = tenant::find(&mut tx, of).await?.ok_or(ServiceError::NotFound)?;
    tenant_logo::forget(&mut tx, of).await?;
    let entry = Entry::of(of, Action::LogoRemoved, Subject::tenant(&tenant));
    audit::append(&mut tx, now, by, &entry).await?;
    Ok(tx.commit().await?)
}

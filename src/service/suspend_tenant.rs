//! Shuts a tenant out, or lets it in again. Its people see a page that says so from the next request on, and its keys are
//! refused: at once here and, on PostgreSQL, in every process; on SQLite in another process within a second. Its accounts
//! are refreshed all the same, so that nothing rots.

use crate::clock::Timestamp;
use crate::domain::audit::{Action, Actor, Entry, Subject};
use crate::domain::ids::TenantId;
use crate::store::{audit, tenant, tenant_life};

use super::{Context, ServiceError};

/// What becomes of the tenant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    Suspend,
    Resume,
}

/// # Errors
/// `NotFound`, `Conflict` when it is so already or is to be deleted, `Store`.
pub async fn run(
    cx: &Context,
    now: Timestamp,
    by: &Actor,
    of: &TenantId,
    change: Change,
) -> Result<(), ServiceError> {
    let mut tx = cx.store.write().await?;
    let known = tenant::find(&mut tx, of).await?.ok_or(ServiceError::NotFound)?;
    let (changed, action) = match change {
        Change::Suspend => (tenant_life::suspend(&mut tx, of, now).await?, Action::TenantSuspended),
        Change::Resume => (tenant_life::resume(&mut tx, of).await?, Action::TenantResumed),
    };
    if !changed {
        return Err(ServiceError::Conflict("the tenant is so already, or is to be deleted"));
    }
    audit::append(&mut tx, now, by, &Entry::of(of, action, Subject::tenant(&known))).await?;
    tx.commit().await?;
    Ok(())
}

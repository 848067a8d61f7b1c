//! Whether a tenant may have one more: asked inside the transaction that adds it.

use crate::clock::Timestamp;
use crate::domain::ids::TenantId;
use crate::domain::tenant_life::Counted;
use crate::store::{StoreError, Writer, tenant_life};

/// Whether there is room for one more. Two that ask for the last place wait for each other.
///
/// # Errors
/// `Database`.
pub async fn has_room(
    tx: &mut Writer,
    tenant: &TenantId,
    what: Counted,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let Some(most) = tenant_life::lock_quota(tx, tenant).await?.of(what) else { return Ok(true) };
    Ok(tenant_life::usage(tx, tenant, now).await?.of(what) < most)
}

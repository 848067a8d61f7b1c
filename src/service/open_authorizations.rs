//! The authorisations of a tenant that were begun and can still be finished, with the way back to each entry page.

use crate::clock::Timestamp;
use crate::domain::authorization::Authorization;
use crate::domain::ids::TenantId;
use crate::secret::OneTimeToken;
use crate::store::authorization;

use super::{Context, ServiceError};

/// An attempt that waits for somebody to scan.
#[derive(Clone, Debug)]
pub struct OpenAuthorization {
    pub authorization: Authorization,
    /// Finds the entry page: `/authorize/{entry}`.
    pub entry: OneTimeToken,
}

/// Newest first, at most 20.
///
/// # Errors
/// `Store`.
pub async fn run(
    cx: &Context,
    now: Timestamp,
    tenant: &TenantId,
) -> Result<Vec<OpenAuthorization>, ServiceError> {
    let mut tx = cx.store.read_for(tenant).await?;
    let opened = authorization::list_started(&mut tx, &cx.vault, tenant, now).await?;
    let open = opened
        .into_iter()
        .map(|one| OpenAuthorization { authorization: one.authorization, entry: one.entry });
    Ok(open.collect())
}

//! Ends a key for good: the next request with it is refused, in every process.

use crate::clock::Timestamp;
use crate::domain::ids::{ApiKeyId, TenantId};
use crate::store::api_key;

use super::{Context, ServiceError};

/// Revoking a revoked key changes nothing.
///
/// # Errors
/// `NotFound` when the tenant has no such key, `Store`.
pub async fn run(cx: &Context, now: Timestamp, of: &TenantId, key: &ApiKeyId) -> Result<(), ServiceError> {
    let mut tx = cx.store.write_for(of).await?;
    if api_key::revoke(&mut tx, of, key, now).await? {
        tx.commit().await?;
        tracing::info!(tenant = %of, %key, "an API key was revoked");
        return Ok(());
    }
    api_key::find(&mut tx, of, key).await?.map(drop).ok_or(ServiceError::NotFound)
}

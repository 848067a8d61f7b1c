//! Ends a key for good: the next request with it is refused, in every process.

use crate::clock::Timestamp;
use crate::domain::audit::{Action, Actor, Entry, Subject};
use crate::domain::ids::{ApiKeyId, TenantId};
use crate::store::{api_key, audit};

use super::{Context, ServiceError};

/// Revoking a revoked key changes nothing.
///
/// # Errors
/// `NotFound` when the tenant has no such key, `Store`.
pub async fn run(
    cx: &Context,
    now: Timestamp,
    by: &Actor,
    of: &TenantId,
    key: &ApiKeyId,
) -> Result<(), ServiceError> {
    let mut tx = cx.store.write_for(of).await?;
    let known = api_key::find(&mut tx, of, key).await?.ok_or(ServiceError::NotFound)?;
    if api_key::revoke(&mut tx, of, key, now).await? {
        let entry = Entry::of(of, Action::KeyRevoked, Subject::api_key(key, &known.name));
        audit::append(&mut tx, now, by, &entry).await?;
        tx.commit().await?;
        tracing::info!(tenant = %of, %key, "an API key was revoked");
    }
    Ok(())
}

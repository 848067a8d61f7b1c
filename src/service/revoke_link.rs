//! Ends a merchant's link before its time: the next press is refused, in every process, and a new account that is just
//! being granted by it is held back.

use crate::clock::Timestamp;
use crate::domain::audit::{Action, Actor, Entry, Kind, Subject};
use crate::domain::ids::{MerchantLinkId, TenantId};
use crate::store::{audit, merchant_link};

use super::{Context, ServiceError};

/// Revoking a revoked link changes nothing.
///
/// # Errors
/// `NotFound` when the tenant has no such link, `Store`.
pub async fn run(
    cx: &Context,
    now: Timestamp,
    by: &Actor,
    of: &TenantId,
    link: &MerchantLinkId,
) -> Result<(), ServiceError> {
    let mut tx = cx.store.write_for(of).await?;
    if merchant_link::revoke(&mut tx, of, link, now).await? {
        let entry = Entry::of(of, Action::LinkRevoked, Subject::new(Kind::MerchantLink, link));
        audit::append(&mut tx, now, by, &entry).await?;
        tx.commit().await?;
        tracing::info!(tenant = %of, %link, "a merchant's link was revoked");
        return Ok(());
    }
    merchant_link::find(&mut tx, &cx.vault, of, link).await?.map(drop).ok_or(ServiceError::NotFound)
}
